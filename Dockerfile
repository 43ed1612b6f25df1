# Builds the pages, installs the Python packages, and makes the image of both: see docs/operations.md.

# Images are named by tag: their digests can't be looked up where this is written. To pin one, put its digest behind the tag:
# docker buildx imagetools inspect python:3.11-slim

FROM node:24-slim AS pages
WORKDIR /src/web
COPY web/.npmrc web/package.json web/package-lock.json ./
RUN npm ci
COPY schema.graphql /src/
COPY web/ ./
RUN npm run build

FROM python:3.11-slim AS packages
WORKDIR /opt/istmo
COPY requirements.lock ./
# pip and setuptools aren't needed to run, and would only be something to attack.
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && .venv/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.11-slim
RUN python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel \
    && rm -r "$(python -c 'import ensurepip; print(ensurepip.__path__[0])')" \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin istmo \
    && install -d -o istmo -g istmo -m 700 /var/lib/istmo
WORKDIR /opt/istmo
COPY --from=packages /opt/istmo/.venv/ .venv/
COPY server.py LICENSE NOTICE ./
COPY rules/ rules/
COPY spreadsheets/ spreadsheets/
COPY db/ db/
COPY projection/ projection/
COPY pac/ pac/
COPY lookup/ lookup/
COPY emission/ emission/
COPY resolvers/ resolvers/
# PDFs in Chinese, Arabic and other scripts: mount a folder with fonts and name it in FONTS_DIR, see docs/documents.md.
COPY documents/ documents/
COPY announcements/ announcements/
COPY schema/ schema/
COPY transport/ transport/
COPY service/ service/
COPY --from=pages /src/web/dist/ web/dist/
ENV PATH=/opt/istmo/.venv/bin:$PATH HOST=0.0.0.0 ISTMO_DATA_DIR=/var/lib/istmo LOG_FORMAT=json
# The file system may be read-only, so Python's compiled files are made now.
RUN python -m compileall -q rules db projection pac lookup emission resolvers documents announcements schema transport service
USER 10001
VOLUME /var/lib/istmo
EXPOSE 8000
HEALTHCHECK --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8000)}/healthz', timeout=3)"]
CMD ["python", "server.py", "serve"]

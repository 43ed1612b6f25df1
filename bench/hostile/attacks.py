"""The attacks by name."""

from bench.hostile import (
    bodies,
    costly,
    documents,
    long_answers,
    receivers,
    slow,
    subscriptions,
    websockets,
    wrong_keys,
)
from bench.hostile.attacker import Attack

ATTACKS: dict[str, Attack] = {
    "malformed requests": bodies.malformed,
    "hostile documents": documents.hostile_documents,
    "costly queries": costly.costly,
    "bodies of 10 MB": bodies.large,
    "10,000 wrong keys": wrong_keys.wrong_keys,
    "slow clients": slow.slow_clients,
    "WebSocket pings without a key": websockets.pings,
    "WebSocket control frames without a key": websockets.control_frames,
    "WebSocket messages of 4 MB without a key": websockets.large_frames,
    "WebSocket pings with a key": websockets.pings_with_a_key,
    "WebSocket control frames with a key": websockets.control_frames_with_a_key,
    "WebSocket pings with a key, as many as allowed": websockets.steady_pings,
    "long answers": long_answers.long_answers,
    "long answers, ten keys": long_answers.long_answers,
    "too long answers, ten keys": long_answers.too_long_answers,
    "slow readers of long answers, ten keys": long_answers.slow_readers,
    "dry runs of 1,000 lines": costly.dry_runs,
    "dry runs of 1,000 lines, ten keys": costly.dry_runs,
    "costly searches, ten keys": costly.searches,
    "twenty subscriptions with long answers": subscriptions.subscriptions,
    "PDFs of 1,000 lines, ten keys": costly.pdfs,
    "webhooks' receivers that answer 102 without end": receivers.receiver,
}

/** What customers and documents have beside their data: tags, and what other systems keep with them. */

import "./references.css";
import { Badge } from "./states";

/** The tags of a text in which they stand with commas between them. */
export function readTags(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((tag) => tag.trim())
    .filter(Boolean);
}

export function TagList({ tags }: { tags: readonly string[] }) {
  return (
    <ul className="tag-list">
      {tags.map((tag) => (
        <li key={tag}>
          <Badge>{tag}</Badge>
        </li>
      ))}
    </ul>
  );
}

export function MetadataList({ metadata }: { metadata: readonly { key: string; value: string }[] }) {
  return (
    <ul className="metadata-list">
      {metadata.map(({ key, value }) => (
        <li key={key}>
          <span className="muted">{key}:</span> {value}
        </li>
      ))}
    </ul>
  );
}

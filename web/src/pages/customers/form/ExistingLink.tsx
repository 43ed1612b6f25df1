import { Link } from "wouter";
import { Button } from "@/components/Button";

/** To a customer that is there already: use it where the form is part of something, else go to its page. */
export function ExistingLink({
  id,
  text,
  onUseExisting,
}: {
  id: string;
  text: { open: string; use: string };
  onUseExisting: ((id: string) => void) | undefined;
}) {
  if (onUseExisting) return <Button onClick={() => onUseExisting(id)}>{text.use}</Button>;
  return <Link href={`/clientes/${id}`}>{text.open}</Link>;
}

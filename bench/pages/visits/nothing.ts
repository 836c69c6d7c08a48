/** A page that does nothing: what a browser's page costs by itself. */
import { visit } from "./visit.ts";

await visit(async () => async () => 0);

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { AppState } from "../state/app-state.ts";

export const AppContext = createContext<AppState | null>(null);

/** The page's state, for any component below `App`. */
export const useApp = (): AppState => {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp: wanted a component inside <AppContext.Provider>, got none above this one");
  return app;
};

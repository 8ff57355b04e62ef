/** Restores of one's own that go on. The server does not list them yet, and so nothing is shown. */
export const RunningRestores = () => null;

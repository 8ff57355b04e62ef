import type { Rolldown } from 'vite';

type Graph = Parameters<Extract<Rolldown.CodeSplittingGroup['name'], (...args: never[]) => unknown>>[1];

/** What a page begins with: the module that its HTML names. */
const PAGE = /[\\/]src[\\/](portal|admin)[\\/]main\.tsx$/;
const REACT = /[\\/]node_modules[\\/](react|react-dom|scheduler)[\\/]|^\0rolldown/;

/** Parts of what is shared that are smaller than this, before they are minified, join another. */
const PART_BYTES = 3_000;

/** What pages need before their first word comes in few files: React, what both pages need, and what only one of them has. Left to
 * itself each module that is shared by anything becomes a file, and thirty requests go before the first word. */
export function firstLoad(): Rolldown.CodeSplittingGroup[] {
  const tags: ['$initial'] = ['$initial'];
  return [
    // The same for months: whoever comes back after an update has it.
    { debugName: 'react', name: (module) => (REACT.test(module) ? 'react' : null), tags, priority: 4 },
    {
      debugName: 'first',
      // The portal's own that the console asks for later is little, and saves a request.
      name(module, graph) {
        const now = pagesOf(module, graph, false);
        return now.has('portal') && pagesOf(module, graph, true).size > 1 ? 'first' : null;
      },
      tags,
      priority: 3,
    },
    {
      debugName: 'shared',
      // What the console begins with and the portal asks for later is much: in parts, as they are asked for.
      name: (module, graph) => (pagesOf(module, graph, true).size > 1 ? 'shared' : null),
      tags,
      priority: 2,
      entriesAware: true,
      entriesAwareMergeThreshold: PART_BYTES,
    },
    {
      debugName: 'page',
      // But the first module of all, which stays what the manifest calls the page.
      name(module, graph) {
        const [page] = pagesOf(module, graph, false);
        return page && !PAGE.test(module) ? `${page}-first` : null;
      },
      tags,
      priority: 1,
    },
  ];
}

/** The pages that lead to a module: from the beginning, or `isLater` as well. */
function pagesOf(module: string, graph: Graph, isLater: boolean): Set<string> {
  const found = new Set<string>();
  const seen = new Set([module]);
  const next = [module];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    const page = PAGE.exec(id)?.[1];
    if (page) found.add(page);
    const info = graph.getModuleInfo(id);
    for (const importer of [...(info?.importers ?? []), ...(isLater ? (info?.dynamicImporters ?? []) : [])]) {
      if (seen.has(importer)) continue;
      seen.add(importer);
      next.push(importer);
    }
  }
  return found;
}

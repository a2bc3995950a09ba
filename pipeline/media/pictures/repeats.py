"""How much a drawing asks for whose parts repeat each other: a small file can ask for millions of shapes."""

from __future__ import annotations

_COUNTLESS = 10**12


class Repeats:
    """Which element draws which: edges from each element with a name to what stands in it and what it repeats."""

    def __init__(self) -> None:
        self._by_name: dict[str, int] = {}
        self._own = [0]
        self._inside: list[list[int]] = [[]]
        self._targets: list[list[str]] = [[]]
        self._open = [0]

    def start(self, name: str, targets: list[str]) -> None:
        node = self._open[-1]
        if name:
            node = len(self._own)
            self._own.append(0)
            self._inside.append([])
            self._targets.append([])
            self._inside[self._open[-1]].append(node)
            self._by_name.setdefault(name, node)
        self._own[node] += 1
        self._targets[node] += targets
        self._open.append(node)

    def end(self) -> None:
        self._open.pop()

    def count(self) -> tuple[int, int, bool]:
        """Elements that would be drawn, the longest chain, and whether one draws itself. Every edge is walked once."""
        chains = [1] * len(self._own)
        done = [False] * len(self._own)
        entered = {0}
        endless = False
        waiting: list[tuple[int, list[int]]] = [(0, self._edges(0))]
        while waiting:
            node, edges = waiting[-1]
            if not edges:
                waiting.pop()
                done[node] = True
                if waiting:
                    self._add(waiting[-1][0], node, chains)
                continue
            below = edges.pop()
            if done[below]:
                self._add(node, below, chains)
            elif below in entered:
                endless = True
            else:
                entered.add(below)
                waiting.append((below, self._edges(below)))
        return self._own[0], chains[0], endless

    def _add(self, node: int, below: int, chains: list[int]) -> None:
        # Numbers past any limit need no more digits: each doubling would otherwise make them longer.
        self._own[node] = min(self._own[node] + self._own[below], _COUNTLESS)
        chains[node] = max(chains[node], 1 + chains[below])

    def _edges(self, node: int) -> list[int]:
        return self._inside[node] + [self._by_name[each] for each in self._targets[node] if each in self._by_name]

public import Replay

/// Random numbers that are the same in each run for the same seed, as the workloads draw them.
public typealias SeededGenerator = SplitMix64

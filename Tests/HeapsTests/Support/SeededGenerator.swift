import Replay

/// Random numbers that are the same in each run for the same seed, for every file of this target.
typealias SeededGenerator = SplitMix64

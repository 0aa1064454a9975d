import TestSupport

/// The tests' generator under its own name, for every file of this target.
typealias SeededGenerator = TestSupport.SeededGenerator

enum Stress { static func tick(core: UInt) {} }

@testable import Heaps

/// The ways in which heaps are attacked that shellphish/how2heap collects, as far as they have a meaning here, with
/// what each comes to: here in a heap that is not hardened, whose key the attacker knows, and in one that is.
///
/// Without a meaning: what rests on glibc's own structures (arenas, the wilderness from the system, tcache counts,
/// `main_arena` addresses) or on its handlers.
enum Technique: String, CaseIterable {
  // A call that is wrong.
  case fastbinDup, fastbinDupConsolidate, tcacheDup, houseOfBotcake, houseOfSpiritOutside
  // A write past the end of a payload.
  case poisonNullByte, leftFlagAlone, houseOfForce, houseOfOrange, overlappingChunks2
  case overlappingChunks, houseOfEinherjar, houseOfSpirit
  // A write into freed memory.
  case unsortedBinAttack, unsortedBinIntoStack, largeBinAttackOutside
  case houseOfLore, tcachePoisoning, unsafeUnlinkList, unsafeUnlinkTrie, largeBinAttack
  case tcacheStashing, houseOfStorm
  // Words that the heap wrote, used again where they are.
  case staleEnd, staleLink

  var plain: AttackScene.Outcome {
    switch self {
    case .fastbinDup, .fastbinDupConsolidate, .tcacheDup, .houseOfBotcake, .houseOfSpiritOutside,
      .poisonNullByte, .leftFlagAlone, .houseOfForce, .houseOfOrange, .overlappingChunks2,
      .unsortedBinIntoStack, .largeBinAttackOutside:
      .noticed
    case .unsortedBinAttack: .noEffect
    case .overlappingChunks, .houseOfEinherjar, .houseOfSpirit, .houseOfLore, .tcachePoisoning,
      .unsafeUnlinkList, .unsafeUnlinkTrie, .largeBinAttack, .tcacheStashing, .houseOfStorm,
      .staleEnd, .staleLink:
      .overlap
    }
  }

  var hardened: AttackScene.Outcome { self == .unsortedBinAttack ? .noEffect : .noticed }

  func run(_ scene: AttackScene) -> AttackScene.Outcome {
    switch self {
    case .fastbinDup: freedTwice(scene, size: 48, between: 1)
    case .tcacheDup: freedTwice(scene, size: 48, between: 0)
    case .fastbinDupConsolidate: freedTwice(scene, size: 1024, between: 0)
    case .houseOfBotcake: houseOfBotcake(scene)
    case .houseOfSpiritOutside:
      scene.outcome(freeing: [scene.region.address.bits & ~0xffff], thenTaking: [])
    case .poisonNullByte: overflow(scene) { Bytes[$0 - 8] = 0 }
    case .leftFlagAlone: overflow(scene) { Bytes[$0 - 8] |= 2 }
    case .overlappingChunks2: overlappingTrueEnd(scene)
    case .houseOfForce: top(scene, size: 0xffff_fff0)
    case .houseOfOrange: top(scene, size: 4096)
    case .overlappingChunks: overlappingForgedEnd(scene)
    case .houseOfEinherjar: houseOfEinherjar(scene)
    case .houseOfSpirit: houseOfSpirit(scene)
    case .unsortedBinAttack: lastFreedOverwritten(scene)
    case .unsortedBinIntoStack: linkedOutside(scene, size: 48)
    case .largeBinAttackOutside: linkedOutside(scene, size: 1024)
    case .houseOfLore, .tcacheStashing: fakeInList(scene, behind: self == .houseOfLore ? 1 : 0)
    case .tcachePoisoning: victimInList(scene)
    case .unsafeUnlinkList: unlinkedBesideFake(scene, size: 48)
    case .houseOfStorm: unlinkedBesideFake(scene, size: 1024)
    case .unsafeUnlinkTrie: fakeInCircle(scene)
    case .largeBinAttack: fakeChild(scene)
    case .staleEnd: staleEnd(scene)
    case .staleLink: staleLink(scene)
    }
  }
}

// MARK: Wrong calls and short overflows

extension Technique {
  private func freedTwice(
    _ scene: AttackScene, size: Int, between count: Int
  ) -> AttackScene.Outcome {
    let payload = scene.own(size - 8)
    let others = (0..<count).map { _ in scene.own(size - 8) }
    _ = scene.own(8)
    return scene.outcome(freeing: [payload] + others + [payload], thenTaking: [size, size, size])
  }

  /// A payload freed, joined with the one before it, and freed again.
  private func houseOfBotcake(_ scene: AttackScene) -> AttackScene.Outcome {
    let left = scene.own(120)
    let payload = scene.own(120)
    _ = scene.own(8)
    return scene.outcome(freeing: [left, payload, payload], thenTaking: [256, 128])
  }

  private func overflow(
    _ scene: AttackScene, _ write: (UInt) -> Void
  ) -> AttackScene.Outcome {
    let payload = scene.own(40)
    let next = scene.own(248)
    _ = scene.own(8)
    Raw.fill(payload, 40, with: 0x41)
    write(next)
    return scene.outcome(freeing: [next], thenTaking: [256, 512, 48])
  }

  /// The size of the free end of the region made larger.
  private func top(_ scene: AttackScene, size: Int) -> AttackScene.Outcome {
    _ = scene.own(40)
    let top = scene.region.address + scene.region.control.top.bytes
    Raw.setWord(top - 8, SegmentHeader.freeSizeWord(Size(size)))
    return scene.outcome(thenTaking: [4096, 4096])
  }
}

// MARK: Forged headers

extension Technique {
  /// A payload made longer, up to just where the next but one begins.
  private func overlappingTrueEnd(_ scene: AttackScene) -> AttackScene.Outcome {
    let payload = scene.own(120)
    _ = scene.own(120)
    _ = scene.own(8)
    scene.forge(payload, size: 256, isFree: false, withEnd: false)
    return scene.outcome(freeing: [payload], thenTaking: [256])
  }

  /// A payload made longer, up to a header forged in the next.
  private func overlappingForgedEnd(_ scene: AttackScene) -> AttackScene.Outcome {
    let payload = scene.own(120)
    _ = scene.own(248)
    _ = scene.own(8)
    scene.forge(payload, size: 256, isFree: false)
    return scene.outcome(freeing: [payload], thenTaking: [256])
  }

  /// Eight bytes past the end of a payload say that a free segment begins in it.
  private func houseOfEinherjar(_ scene: AttackScene) -> AttackScene.Outcome {
    _ = scene.own(504)
    let next = scene.own(248)
    _ = scene.own(8)
    let (fake, other) = (next - 128, next - 384)
    for (one, two) in [(fake, other), (other, fake)] {
      scene.forge(one, size: 128, isFree: true, withEnd: false)
      scene.forgeLinks(one, next: scene.link(two), previous: scene.link(two))
    }
    Raw.setWord(next - 8, 256 | SegmentHeader.usedPattern | SegmentHeader.leftFree)
    Raw.setWord(next - 4, scene.region.previousSizeWord(Size(128)))
    return scene.outcome(freeing: [next], thenTaking: [384])
  }

  /// A segment in use forged inside a payload, and freed.
  private func houseOfSpirit(_ scene: AttackScene) -> AttackScene.Outcome {
    let payload = scene.own(504)
    scene.forge(payload + 64, size: 128, isFree: false)
    return scene.outcome(freeing: [payload + 64], thenTaking: [128])
  }
}

// MARK: Forged links

extension Technique {
  /// Both links of the segment freed last: they are none.
  private func lastFreedOverwritten(_ scene: AttackScene) -> AttackScene.Outcome {
    let payload = scene.own(120)
    let victim = scene.own(120)
    scene.giveBack(payload)
    scene.forgeLinks(payload, next: scene.link(victim), previous: scene.link(victim))
    return scene.outcome(thenTaking: [128, 128, 128])
  }

  /// Links that lead out of the region.
  private func linkedOutside(_ scene: AttackScene, size: Int) -> AttackScene.Outcome {
    let payload = scene.freeSegments(1, size: size)[0]
    let outside = UInt32(scene.region.control.end.bytes) + 4096
    scene.forgeLinks(payload, next: outside, previous: outside)
    return scene.outcome(thenTaking: [size, size])
  }

  /// A free segment forged in a payload, and linked behind one that is in a list: behind the first or the second.
  private func fakeInList(_ scene: AttackScene, behind index: Int) -> AttackScene.Outcome {
    let fake = scene.own(504) + 64
    let payloads = scene.freeSegments(2, size: 48)
    // The one freed later is the first of the list.
    let last = index == 1 ? payloads[0] : payloads[1]
    scene.forge(fake, size: 48, isFree: true)
    scene.forgeLinks(fake, next: scene.head(48), previous: scene.link(last))
    Raw.setWord(last, scene.link(fake))
    return scene.outcome(thenTaking: [48, 48, 48])
  }

  /// A payload in use made to look free by four bytes past the end of the one before it, and linked into a list.
  private func victimInList(_ scene: AttackScene) -> AttackScene.Outcome {
    let victim = scene.own(40)
    let payload = scene.freeSegments(1, size: 48)[0]
    scene.forge(victim, size: 48, isFree: true, withEnd: false)
    scene.forgeLinks(victim, next: scene.head(48), previous: scene.link(payload))
    Raw.setWord(payload, scene.link(victim))
    return scene.outcome(thenTaking: [48, 48])
  }

  /// A free segment linked with one forged in a payload, and taken out because the one beside it is freed.
  private func unlinkedBesideFake(_ scene: AttackScene, size: Int) -> AttackScene.Outcome {
    let fake = scene.own(2040) + 64
    let left = scene.own(size - 8)
    let right = scene.own(8)
    _ = scene.own(8)
    let other = scene.ownApart(size)
    scene.giveBack(left)
    scene.giveBack(other)
    scene.forge(fake, size: size, isFree: true)
    if size < scene.region.control.linearBytes.bytes {
      scene.forgeLinks(fake, next: scene.head(size), previous: scene.link(left))
      Raw.setWord(left, scene.link(fake))
    } else {
      scene.forgeLinks(fake, next: scene.link(left), previous: scene.link(left))
      scene.forgeLinks(left, next: scene.link(fake), previous: scene.link(fake))
      Raw.setWord(fake + 8, UInt32(SegmentTrie.listMember.bytes))
    }
    return scene.outcome(freeing: [right], thenTaking: [size, size])
  }

  /// A free segment forged in a payload made a member of the circle of a size.
  private func fakeInCircle(_ scene: AttackScene) -> AttackScene.Outcome {
    let fake = scene.own(2040) + 64
    let payload = scene.freeSegments(1, size: 1024)[0]
    scene.forge(fake, size: 1024, isFree: true)
    scene.forgeLinks(fake, next: scene.link(payload), previous: scene.link(payload))
    Raw.setWord(fake + 8, UInt32(SegmentTrie.listMember.bytes))
    scene.forgeLinks(payload, next: scene.link(fake), previous: scene.link(fake))
    return scene.outcome(thenTaking: [1024])
  }

  /// A free segment forged in a payload made the child of a node.
  private func fakeChild(_ scene: AttackScene) -> AttackScene.Outcome {
    let fake = scene.own(2040) + 64
    let node = scene.freeSegments(1, size: 1024 + 64)[0]
    let size = 1024 + 16
    scene.forge(fake, size: size, isFree: true)
    scene.forgeLinks(fake, next: scene.link(fake), previous: scene.link(fake))
    let region = scene.region
    for side in 0..<8 as Range<UInt> {
      Raw.setWord(
        region.address + region.childLink(Offset(node - region.address), side).bytes,
        scene.link(fake))
    }
    region.setChildMask(of: node - region.address, 0xff)
    region.setChildMask(of: fake - region.address, 0)
    // Which child a size of this class is follows from its bits; the fake says that it is that one.
    let bits = UInt(SizeClass.exponent(Size(size))) - region.control.doublingBits
    let side = (UInt(size) << (64 - bits)) >> 61
    Raw.setWord(fake + 8, UInt32(region.childLink(Offset(node - region.address), side).bytes))
    return scene.outcome(thenTaking: [size])
  }
}

// MARK: The heap's own words, left over

extension Technique {
  /// What a header that is gone said of the one to its left would be the end of a segment made longer.
  private func staleEnd(_ scene: AttackScene) -> AttackScene.Outcome {
    let left = scene.own(120)
    let right = scene.own(120)
    _ = scene.own(8)
    scene.giveBack(left)
    scene.giveBack(right)
    // The same memory, cut elsewhere: the old boundary lies in the second payload.
    let payload = scene.own(56, isWritten: false)
    _ = scene.own(184, isWritten: false)
    scene.forge(payload, size: 128, isFree: false, withEnd: false)
    Raw.setWord(right - 8, 16 | SegmentHeader.usedPattern)
    return scene.outcome(freeing: [payload], thenTaking: [128])
  }

  /// A link of a free segment that was taken since would make it one of its list again.
  private func staleLink(_ scene: AttackScene) -> AttackScene.Outcome {
    let payloads = scene.freeSegments(2, size: 48)
    let (last, first) = (payloads[0], payloads[1])
    // The last leaves its list because what is beside it is freed. Both are taken again, and nothing has written over
    // the link that leads from it to the first.
    scene.giveBack(last + 48)
    for payload in [first, last] where scene.own(40, isWritten: false) != payload {
      return .noEffect
    }
    scene.giveBack(first)
    let other = scene.own(8)
    _ = scene.own(8)
    scene.giveBack(other)
    scene.forge(last, size: 48, isFree: true, withEnd: false)
    Raw.setWord(last, scene.head(48))
    Raw.setWord(first, scene.link(last))
    return scene.outcome(thenTaking: [48, 48])
  }
}

// Blinks the green LED twice a second, until ctrl-C.

import Kernel

print("Blinking; ctrl-C ends it.")
var count = 0
while !isInterrupted {
  ActivityLED.set(true)
  delay(.milliseconds(100))
  ActivityLED.set(false)
  delay(.milliseconds(400))
  count += 1
}
print("\(count) times")

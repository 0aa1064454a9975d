import Memory
import Devices
import Monitor
import Handoff
import Replay
import Assembly

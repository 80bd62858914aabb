package dev.muster.fleet.runner;

import dev.muster.agent.protocol.Instruction;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Assignments on their way to polling agents. They hold GitHub's JIT configuration, a secret, so
 * they live in memory only; after a restart the registration is made anew.
 */
public final class Assignments {
  private final Map<RunnerId, Slot> slots = new ConcurrentHashMap<>();

  private static final class Slot {
    private final Semaphore signal = new Semaphore(0);
    private volatile Instruction.@Nullable Assign assignment;
  }

  /** Hands an assignment to whichever poll of the runner's agent comes next. */
  void put(RunnerId runner, Instruction.Assign assignment) {
    Slot slot = slot(runner);
    slot.assignment = assignment;
    slot.signal.release();
  }

  /** The assignment, which stays until the agent says that it began. */
  Optional<Instruction.Assign> peek(RunnerId runner) {
    return Optional.ofNullable(slots.get(runner)).flatMap(s -> Optional.ofNullable(s.assignment));
  }

  void remove(RunnerId runner) {
    slots.remove(runner);
  }

  /** Lets a waiting poll look at its runner again. */
  public void nudge(RunnerId runner) {
    Slot slot = slots.get(runner);
    if (slot != null) {
      slot.signal.release();
    }
  }

  /** Waits until there is something to look at, or {@code patience} is over. */
  void await(RunnerId runner, Duration patience) throws InterruptedException {
    Semaphore signal = slot(runner).signal;
    if (signal.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      signal.drainPermits();
    }
  }

  private Slot slot(RunnerId runner) {
    return slots.computeIfAbsent(runner, id -> new Slot());
  }
}

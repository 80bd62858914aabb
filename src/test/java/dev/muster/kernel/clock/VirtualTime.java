package dev.muster.kernel.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands until a test moves it, and timers that ring as it passes them. */
public final class VirtualTime implements InstantSource, Timers {
  private record Appointment(Instant due, long order, Runnable action) {}

  private final PriorityQueue<Appointment> appointments =
      new PriorityQueue<>(
          Comparator.comparing(Appointment::due).thenComparingLong(Appointment::order));
  private final AtomicLong order = new AtomicLong();
  private volatile Instant now;

  public VirtualTime(String start) {
    this.now = Instant.parse(start);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public synchronized Timer at(Instant due, Runnable action) {
    Appointment appointment = new Appointment(due, order.getAndIncrement(), action);
    appointments.add(appointment);
    return () -> cancel(appointment);
  }

  private synchronized void cancel(Appointment appointment) {
    appointments.remove(appointment);
  }

  /** When the next timer rings; empty when none will. */
  public synchronized Optional<Instant> next() {
    return Optional.ofNullable(appointments.peek()).map(Appointment::due);
  }

  /** Moves time on and rings every timer that it passes, on this thread, each at its instant. */
  public void pass(Duration time) {
    Instant end = now.plus(time);
    for (Optional<Appointment> due = due(end); due.isPresent(); due = due(end)) {
      now = due.get().due().isAfter(now) ? due.get().due() : now;
      due.get().action().run();
    }
    now = end;
  }

  private synchronized Optional<Appointment> due(Instant end) {
    Appointment first = appointments.peek();
    return first == null || first.due().isAfter(end)
        ? Optional.empty()
        : Optional.of(appointments.remove());
  }

  @Override
  public synchronized void close() {
    appointments.clear();
  }
}

package dev.muster.fleet.runner;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.JobPhase.Kind;
import dev.muster.kernel.store.Read;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job's life as stretches of time, read from its timeline and from that of its runner. The phases
 * follow each other without gaps, but for the start of the machine, which lies beside them.
 */
public final class JobPhases {
  private final List<JobPhase> phases = new ArrayList<>();
  private Kind kind = Kind.QUEUED;
  private Instant from;
  private String detail = "";
  private boolean over;

  private JobPhases(Instant begin) {
    this.from = begin;
  }

  /**
   * A job's runner as far as it matters here.
   *
   * @param created when its launch was decided
   */
  public record Machine(Instant created, List<TimelineEntry> timeline) {
    public Machine {
      timeline = List.copyOf(timeline);
    }
  }

  /** The phases of a job with this timeline, in the order of their beginnings. */
  public static List<JobPhase> of(
      Job job, List<TimelineEntry> timeline, Optional<Machine> machine) {
    Instant first = timeline.isEmpty() ? job.facts().createdAt() : timeline.getFirst().at();
    Instant begin = job.times().queued().filter(at -> at.isBefore(first)).orElse(first);
    JobPhases phases = new JobPhases(begin);
    timeline.stream()
        .sorted(Comparator.comparing(TimelineEntry::at)) // agents have clocks of their own
        .forEach(phases::take);
    phases.finish(machine);
    machine.flatMap(m -> start(m, begin)).ifPresent(phases.phases::add);
    return phases.phases.stream().sorted(Comparator.comparing(JobPhase::from)).toList();
  }

  /** The phases of a job that is stored. */
  public static List<JobPhase> of(Read read, Job job, List<TimelineEntry> timeline) {
    Optional<Machine> machine =
        job.runner()
            .flatMap(id -> RunnerStore.find(read, new RunnerId(id)))
            .map(runner ->
                new Machine(runner.origin().createdAt(), RunnerStore.timeline(read, runner.id())));
    return of(job, timeline, machine);
  }

  private void take(TimelineEntry entry) {
    switch (entry.event()) {
      case "held" -> enter(Kind.HELD, entry);
      case "placed", "returned" -> enter(Kind.WAITING, entry);
      case "assigned" -> enter(Kind.REGISTERING, entry);
      case "agent starting" -> enter(Kind.STARTING, entry);
      case "started" -> enter(Kind.RUNNING, entry);
      case "completed", "rejected", "lost" -> end(entry.at());
      default -> {} // tells more of a phase, and begins none
    }
  }

  private void enter(Kind next, TimelineEntry entry) {
    // What runs does not start any more: a report that is late, or another's.
    boolean late = kind == Kind.RUNNING && next != Kind.WAITING;
    if (over || late || kind == next) {
      return;
    }
    close(entry.at());
    kind = next;
    from = entry.at();
    detail = entry.detail();
  }

  private void end(Instant at) {
    if (!over) {
      close(at);
      over = true;
      from = at;
    }
  }

  private void close(Instant at) {
    phases.add(new JobPhase(kind, from, Optional.of(at.isBefore(from) ? from : at), detail));
  }

  private void finish(Optional<Machine> machine) {
    if (!over) {
      phases.add(new JobPhase(kind, from, Optional.empty(), detail));
    } else if (machine.isPresent()) {
      Optional<Instant> gone =
          machine.get().timeline().stream()
              .filter(entry -> entry.event().equals(RunnerState.TERMINATED.word()))
              .map(TimelineEntry::at)
              .findFirst();
      if (gone.isEmpty() || gone.get().isAfter(from)) {
        phases.add(new JobPhase(Kind.ENDING, from, gone, ""));
      }
    }
  }

  /** Its last way to ready, as far as the job was there to wait for it. */
  private static Optional<JobPhase> start(Machine machine, Instant begin) {
    Instant began = machine.created();
    @Nullable JobPhase start = null;
    for (TimelineEntry entry : machine.timeline()) {
      if (entry.event().equals(RunnerState.STARTING.word())) {
        began = entry.at();
      } else if (entry.event().equals(RunnerState.READY.word())) {
        Instant seen = began.isBefore(begin) ? begin : began;
        start =
            entry.at().isAfter(seen)
                ? new JobPhase(Kind.MACHINE, seen, Optional.of(entry.at()), "")
                : null;
      }
    }
    return Optional.ofNullable(start);
  }
}

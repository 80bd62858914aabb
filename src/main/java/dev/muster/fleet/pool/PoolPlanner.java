package dev.muster.fleet.pool;

import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.schedule.Desired;
import dev.muster.fleet.schedule.Schedule;
import dev.muster.fleet.spec.PoolSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides what a pool needs. Pure: the same view always gives the same plan. Jobs come before
 * warmth, ready runners before stopped ones, stopped ones before new ones; a busy runner is never
 * touched.
 */
public final class PoolPlanner {
  /** How often every pool is looked at. */
  public static final Duration REGULAR = Duration.ofSeconds(60);

  /** Longer than until GitHub is asked about a job whose runner has ended. */
  private static final Duration WEBHOOK_PATIENCE = Duration.ofSeconds(75);

  private PoolPlanner() {}

  public static PoolPlan plan(PoolView view) {
    return new Planning(view).plan();
  }

  /** One plan in the making. */
  private static final class Planning {
    private final PoolView view;
    private final PoolSpec pool;
    private final String hash;
    private final Schedule schedule;
    private final Desired desired;
    private final Optional<Instant> nextChange;
    private final Aim aim;
    private final LaunchHold hold;
    private final LaunchPace pace;
    private final List<Step> steps = new ArrayList<>();
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final Map<JobId, String> waitingFor = new LinkedHashMap<>();

    /** Runners of which this plan has spoken: one step each. */
    private final Set<RunnerId> decided = new HashSet<>();

    private final Map<RunnerState, List<Runner>> fresh;
    private final Deque<Runner> ready;
    private final Deque<Runner> stopped;
    private int room;

    /** How many more may be started for warmth: ready and stopped ones share the pool's ramp. */
    private int warmth;

    private boolean probed;

    Planning(PoolView view) {
      this.view = view;
      this.pool = view.pool();
      this.hash = pool.runner().hash();
      this.schedule = new Schedule(pool);
      this.desired =
          view.configured() ? schedule.at(view.now()) : new Desired(0, 0, Optional.empty());
      this.nextChange = schedule.nextChange(view.now());
      this.aim = aim();
      this.hold = LaunchHold.of(view.failures(), view.now());
      this.pace = LaunchPace.of(view.runners(), view.now());
      this.fresh =
          view.runners().stream().filter(this::suits).collect(Collectors.groupingBy(Runner::state));
      this.ready = new ArrayDeque<>(fresh(RunnerState.READY));
      this.stopped = new ArrayDeque<>(fresh(RunnerState.STOPPED));
      long alive = view.runners().stream().filter(r -> r.state().alive()).count();
      this.room = Math.max(0, Math.min(view.room(), pool.max() - Math.toIntExact(alive)));
      this.warmth = pool.ramp();
    }

    /** Whether a runner is of the pool's spec, and in its place. */
    private boolean suits(Runner runner) {
      return runner.origin().specHash().equals(hash) && inPlace(runner);
    }

    /**
     * A pool may have moved since a runner was launched. One of another environment has that one's
     * network and role, and never gets a job of this one.
     */
    private boolean inPlace(Runner runner) {
      return runner.origin().environment().equals(pool.environment())
          && runner.origin().region().equals(pool.region());
    }

    private boolean inPlace(Job job) {
      return job.placement()
          .map(place ->
              place.environment().equals(pool.environment())
                  && place.region().equals(pool.region()))
          .orElse(true);
    }

    private List<Runner> fresh(RunnerState state) {
      return fresh.getOrDefault(state, List.of());
    }

    PoolPlan plan() {
      takeBackOrphanedJobs();
      settleLooseRunners();
      assignReady();
      int coming = coming();
      int claimed = Math.min(coming - comingForWarmth(), waiting.size());
      explainComing(claimed);
      int short_ = waiting.size() - claimed;
      int started = startForJobs(short_);
      int launched = launch(short_ - started, false, jobsReason(short_ - started));
      explainRest(claimed + started + launched);
      if (view.configured() && !pool.adHoc()) {
        keepWarm(coming - claimed);
      } else if (waiting.isEmpty()) {
        drain();
      }
      replaceStale();
      return new PoolPlan(desired, steps, summary(), waitingFor, next());
    }

    /** Runners that will be ready by themselves; a job may count on each. */
    private int coming() {
      return Math.toIntExact(
          fresh.entrySet().stream()
              .filter(e -> e.getKey().coming())
              .mapToLong(e -> e.getValue().size())
              .sum());
    }

    /**
     * New machines that make up for what the pool keeps: a job waits for none of these while there
     * is a stopped one, which is sooner ready.
     */
    private int comingForWarmth() {
      int fresh = coming() - fresh(RunnerState.STARTING).size();
      int missing =
          Math.max(0, aim.ready() - ready.size()) + Math.max(0, aim.stopped() - keptStopped());
      return stopped.isEmpty() ? 0 : Math.min(fresh, missing);
    }

    private void takeBackOrphanedJobs() {
      Map<RunnerId, Runner> byId =
          view.runners().stream().collect(Collectors.toMap(Runner::id, r -> r));
      for (Job job : view.assigned()) {
        Runner runner = job.runner().map(id -> byId.get(new RunnerId(id))).orElse(null);
        if (finishing(job)) {
          waitingFor.put(
              job.id(), "its runner says that it has run, and GitHub has not said so yet");
        } else if (runner == null || !serves(runner, job)) {
          String state = runner == null ? "gone" : runner.state().word();
          String reason = "its runner " + job.runnerName().orElse("?") + " is " + state;
          steps.add(new Step.Return(job.id(), reason));
          waitingFor.put(job.id(), reason + "; it is placed anew");
        }
      }
      for (Job job : view.waiting()) {
        if (inPlace(job)) {
          waiting.add(job);
        } else {
          String reason =
              "pool %s is in %s, %s now".formatted(pool.name(), pool.environment(), pool.region());
          steps.add(new Step.Place(job.id(), reason));
          waitingFor.put(job.id(), reason);
        }
      }
    }

    /** GitHub's webhooks are slower than agents; only when they stay away is the job doubted. */
    private boolean finishing(Job job) {
      return Optional.ofNullable(view.finished().get(job.id()))
          .map(at -> view.now().isBefore(at.plus(WEBHOOK_PATIENCE)))
          .orElse(false);
    }

    private static boolean serves(Runner runner, Job job) {
      return holdsReservation(runner)
          && runner.reservation().map(r -> r.job().equals(job.id())).orElse(false);
    }

    private static boolean holdsReservation(Runner runner) {
      return switch (runner.state()) {
        case ASSIGNED, REGISTERED, BUSY -> true;
        case PLANNED, LAUNCHING, BOOTING, READY, STOPPING, STOPPED, STARTING -> false;
        case TERMINATING, TERMINATED, FAILED -> false;
      };
    }

    /** Runners registered for a job that another runner took, or that ended meanwhile. */
    private void settleLooseRunners() {
      Map<JobId, Job> assigned =
          view.assigned().stream().collect(Collectors.toMap(Job::id, j -> j));
      for (Runner runner : view.runners()) {
        if (runner.state() != RunnerState.ASSIGNED && runner.state() != RunnerState.REGISTERED) {
          continue;
        }
        JobId meant = runner.reservation().orElseThrow().job();
        Job job = assigned.get(meant);
        if (job != null && job.runner().equals(Optional.of(runner.id().value()))) {
          continue;
        }
        settleLoose(runner, meant);
      }
    }

    private void settleLoose(Runner runner, JobId meant) {
      Optional<Job> other =
          waiting.stream().filter(j -> inPlace(runner) && fits(meant, j)).findFirst();
      if (other.isPresent() && waiting.remove(other.get())) {
        steps.add(
            new Step.Rebind(
                runner.id(),
                other.get().id(),
                "its job %s went elsewhere; this one has the same labels".formatted(meant)));
      } else {
        steps.add(
            new Step.Release(
                runner.id(), "its job " + meant + " ended or was taken by another runner"));
      }
    }

    /** A registration carries a job's labels and lies at its repository: only an equal job fits. */
    private boolean fits(JobId meant, Job candidate) {
      return candidate.id().equals(meant)
          || Optional.ofNullable(view.reserved().get(meant))
              .map(f -> f.registrationKey().equals(candidate.facts().registrationKey()))
              .orElse(false);
    }

    private void assignReady() {
      while (!ready.isEmpty() && !waiting.isEmpty()) {
        Runner runner = ready.removeFirst();
        decided.add(runner.id());
        Job job = waiting.removeFirst();
        steps.add(
            new Step.Assign(
                runner.id(),
                job.id(),
                "it waits longest and the runner is ready since " + ago(runner.since())));
      }
    }

    private void explainComing(int claimed) {
      List<Runner> coming =
          view.runners().stream()
              .filter(r -> r.state().coming() && suits(r))
              .sorted(Comparator.comparing(r -> r.state() != RunnerState.STARTING))
              .toList();
      List<Job> jobs = List.copyOf(waiting);
      for (int i = 0; i < claimed; i++) {
        Runner runner = coming.get(i);
        waitingFor.put(
            jobs.get(i).id(),
            "runner %s is %s; this pool takes up to %s"
                .formatted(runner.id(), runner.state().word(), words(view.readyAfter())));
      }
    }

    private int startForJobs(int wanted) {
      int started = 0;
      while (started < wanted && !stopped.isEmpty() && view.paused().isEmpty()) {
        Runner runner = stopped.removeFirst();
        steps.add(new Step.Start(runner.id(), "a job waits and no runner is ready"));
        started++;
      }
      return started;
    }

    private static String jobsReason(int count) {
      return count == 1 ? "a job waits" : count + " jobs wait";
    }

    /** Launches what may be launched of {@code wanted}; returns how many. */
    private int launch(int wanted, boolean warm, String reason) {
      if (wanted <= 0 || view.paused().isPresent() || view.overBudget().isPresent()) {
        return 0;
      }
      if (!pace.allows()) {
        return 0;
      }
      if (hold.probing() && (probed || coming() > 0)) {
        return 0;
      }
      int count = hold.allowed(Math.min(wanted, room));
      if (count > 0) {
        probed = hold.probing();
        String probe = hold.probing() ? "; one is tried after failures" : "";
        steps.add(new Step.Launch(count, warm, reason + probe));
        room -= count;
      }
      return count;
    }

    private void explainRest(int served) {
      int index = 0;
      String reason = whyNoLaunch();
      for (Job job : waiting) {
        if (index++ >= served) {
          waitingFor.put(job.id(), reason);
        } else {
          waitingFor.putIfAbsent(job.id(), "a runner is being started for it");
        }
      }
    }

    private String whyNoLaunch() {
      if (view.paused().isPresent()) {
        return "launches are " + view.paused().get();
      }
      if (view.overBudget().isPresent()) {
        return view.overBudget().get().words();
      }
      if (hold.until().isPresent()) {
        return "launches are held until %s after %d failures in a row, the last: %s"
            .formatted(hold.until().get(), view.failures().count(), view.failures().reason());
      }
      if (hold.probing()) {
        return "one launch is tried after %d failures in a row; the others follow when it goes well"
            .formatted(view.failures().count());
      }
      if (!pace.allows()) {
        return "its launch is joined with those of the next moment";
      }
      if (room == 0 && view.room() > 0) {
        return "the pool is at its maximum of " + pool.max();
      }
      return "no more runners are allowed: max_runners or the slots of "
          + pool.runner().name()
          + " are used up";
    }

    private void keepWarm(int comingForWarmth) {
      int have = ready.size() + comingForWarmth;
      warmUp(aim.ready() - have);
      // Those that are coming are counted once they are here: until then others do their part.
      coolDown(ready.size() - aim.ready());
      fillStopped(Math.max(0, have - aim.ready()));
    }

    /**
     * What to keep now: what the schedule wants, and of a later larger number of ready ones so many
     * that the rest can still follow at the ramp's pace, look by look, and be ready at the
     * boundary.
     *
     * @param stopped up to how many are made; those that are there already may be more
     * @param words who wants the ready ones
     */
    private record Aim(int ready, int stopped, String words) {}

    private Aim aim() {
      Aim now =
          new Aim(
              desired.running(),
              desired.stopped(),
              "%s wants %d ready".formatted(window(desired), desired.running()));
      if (nextChange.isEmpty() || !view.configured()) {
        return now;
      }
      Instant boundary = nextChange.get();
      Desired later = schedule.at(boundary);
      Duration left = Duration.between(view.now(), boundary).minus(view.readyAfter());
      long looks = Math.max(0, Math.floorDiv(left.toSeconds(), REGULAR.toSeconds()));
      int ahead = Math.toIntExact(later.running() - Math.min(later.running(), looks * pool.ramp()));
      // What is started from the stopped ones is not made up for when nobody keeps it afterwards.
      return ahead <= now.ready()
          ? now
          : new Aim(
              ahead,
              Math.min(desired.stopped(), later.stopped()),
              "%s wants %d ready from %s on".formatted(window(later), later.running(), boundary));
    }

    private void warmUp(int wanted) {
      int pace = Math.min(Math.max(0, wanted), warmth);
      int started = 0;
      boolean allowed = view.paused().isEmpty() && view.overBudget().isEmpty();
      while (allowed && started < pace && !stopped.isEmpty()) {
        steps.add(new Step.Start(stopped.removeFirst().id(), aim.words()));
        started++;
      }
      warmth -= started + launch(pace - started, true, aim.words());
    }

    private static String window(Desired desired) {
      return desired.window().map(w -> "schedule " + w).orElse("the pool");
    }

    /** Ready ones over the aim: kept stopped while that is wanted, else ended when idle. */
    private void coolDown(int surplus) {
      int space = view.stoppable() ? desired.stopped() - keptStopped() : 0;
      List<Runner> over = ready.stream().limit(Math.max(0, surplus)).toList();
      for (Runner runner : over) {
        if (space > 0) {
          ready.remove(runner);
          steps.add(
              new Step.Stop(
                  runner.id(), "%s and %d stopped".formatted(aim.words(), desired.stopped())));
          space--;
        } else if (!idleUntil(runner).isAfter(view.now())) {
          ready.remove(runner);
          steps.add(
              new Step.Terminate(
                  runner.id(),
                  "idle for %s, and %s".formatted(words(pool.idleTimeout()), aim.words())));
        }
      }
    }

    private Instant idleUntil(Runner runner) {
      return runner.since().plus(pool.idleTimeout());
    }

    private int keptStopped() {
      return stopped.size() + fresh(RunnerState.STOPPING).size();
    }

    private void fillStopped(int surplusReady) {
      if (!view.stoppable()) {
        return;
      }
      int missing = aim.stopped() - keptStopped() - surplusReady;
      if (missing > 0) {
        launch(
            Math.min(missing, warmth),
            true,
            "%s wants %d stopped".formatted(window(desired), desired.stopped()));
      }
      for (int over = keptStopped() - desired.stopped(); over > 0 && !stopped.isEmpty(); over--) {
        steps.add(
            new Step.Terminate(
                stopped.removeFirst().id(),
                "%s wants %d stopped".formatted(window(desired), desired.stopped())));
      }
    }

    /** The config no longer has the pool, or an ad hoc one has nothing left to do. */
    private void drain() {
      for (Runner runner : view.runners()) {
        boolean idle =
            switch (runner.state()) {
              case READY, STOPPED -> true;
              case PLANNED, LAUNCHING, BOOTING, STARTING -> !pool.adHoc();
              case ASSIGNED, REGISTERED, BUSY, STOPPING -> false;
              case TERMINATING, TERMINATED, FAILED -> false;
            };
        boolean due = !pool.adHoc() || !idleUntil(runner).isAfter(view.now());
        if (idle && due && decided.add(runner.id())) {
          ready.remove(runner);
          stopped.remove(runner);
          steps.add(
              new Step.Terminate(
                  runner.id(),
                  pool.adHoc()
                      ? "no job wants it any more"
                      : "the config no longer has this pool"));
        }
      }
    }

    private void replaceStale() {
      if (!view.configured()) {
        return;
      }
      view.runners().stream()
          .filter(r -> !suits(r))
          .filter(r -> r.state() == RunnerState.READY || r.state() == RunnerState.STOPPED)
          .filter(r -> !decided.contains(r.id()))
          .limit(pool.ramp())
          .forEach(r ->
              steps.add(
                  new Step.Terminate(
                      r.id(),
                      inPlace(r)
                          ? "the spec of " + pool.runner().name() + " has changed"
                          : "it is in %s, %s, and the pool is not any more"
                              .formatted(r.origin().environment(), r.origin().region()))));
    }

    private String summary() {
      if (view.paused().isPresent()) {
        return "Launches are " + view.paused().get() + "; running jobs go on.";
      }
      if (hold.until().isPresent()) {
        return "Launches are held until %s: %d failed in a row, the last because %s."
            .formatted(hold.until().get(), view.failures().count(), view.failures().reason());
      }
      if (!view.configured()) {
        return "The config no longer has this pool; it is drained.";
      }
      if (view.overBudget().isPresent()) {
        return "New machines are held: " + view.overBudget().get().words() + ".";
      }
      String numbers =
          "%s wants %d ready and %d stopped"
              .formatted(window(desired), desired.running(), desired.stopped());
      String text =
          numbers.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + numbers.substring(1);
      return waiting.isEmpty()
          ? text + "."
          : text + "; " + (waiting.size() == 1 ? "one job waits." : waiting.size() + " jobs wait.");
    }

    private Optional<Instant> next() {
      List<Instant> instants = new ArrayList<>();
      hold.until().ifPresent(instants::add);
      view.overBudget().map(BudgetHold::until).ifPresent(instants::add);
      if (!waiting.isEmpty()) {
        pace.until().ifPresent(instants::add);
      }
      view.finished().values().stream().map(at -> at.plus(WEBHOOK_PATIENCE)).forEach(instants::add);
      ready.stream().map(this::idleUntil).forEach(instants::add);
      if (view.configured()) {
        nextChange.ifPresent(instants::add);
      }
      return instants.stream().filter(i -> i.isAfter(view.now())).min(Instant::compareTo);
    }

    private String ago(Instant since) {
      return words(Duration.between(since, view.now()));
    }

    private static String words(Duration duration) {
      long seconds = Math.max(0, duration.toSeconds());
      return seconds < 120 ? seconds + " s" : seconds / 60 + " min";
    }
  }
}

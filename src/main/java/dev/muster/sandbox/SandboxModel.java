package dev.muster.sandbox;

import dev.muster.sandbox.SandboxJob.Status;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * GitHub's rules about jobs, runs and runners. One lock guards everything; time passes, in steps,
 * whenever something is asked or done, and by {@link #settle}.
 */
final class SandboxModel {
  /** A runner with what the outside does not see of it. */
  private static final class Seat {
    final History<SandboxRegistration> history = new History<>();
    final String secret;
    Instant lastSeen;
    @Nullable Long job;

    Seat(String secret, Instant lastSeen) {
      this.secret = secret;
      this.lastSeen = lastSeen;
    }
  }

  /** A runner group; an empty set of repositories means all. */
  record Group(long id, String organization, String name, Set<String> repositories) {
    Group {
      repositories = Set.copyOf(repositories);
    }
  }

  /** A new runner and the secret by which its process enters. */
  record Seated(SandboxRegistration registration, String secret) {}

  /** Every organisation and repository has it. */
  static final long DEFAULT_GROUP = 1;

  /** So that a thousand pollers do not look at a thousand runners each time one comes. */
  private static final Duration PASS_EVERY = Duration.ofMillis(100);

  private final SandboxSettings settings;
  private final InstantSource clock;
  private final Consumer<HookEvent> hooks;
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Long, History<SandboxJob>> jobs = new LinkedHashMap<>();
  private final Set<Long> waiting = new LinkedHashSet<>();
  private final Map<Long, Seat> seats = new LinkedHashMap<>();
  private final Map<Long, Group> groups = new LinkedHashMap<>();
  private final Map<String, SandboxWorkflow> workflows = new LinkedHashMap<>();
  private Instant nextPass = Instant.MIN;
  private long lastId = 1000;
  private boolean closed;

  /**
   * @param hooks told of everything that GitHub would send, in order and under the lock: it must
   *     only take note
   */
  SandboxModel(SandboxSettings settings, InstantSource clock, Consumer<HookEvent> hooks) {
    this.settings = settings;
    this.clock = clock;
    this.hooks = hooks;
  }

  // What tests and `muster try` do.

  /** Queues the jobs of one new run of the repository's own. */
  List<SandboxJob> queue(String repository, List<JobRequest> requests) {
    return queue(repository, Optional.of(repository), requests);
  }

  /** Queues the jobs of one new run, of a commit of {@code head}. */
  List<SandboxJob> queue(String repository, Optional<String> head, List<JobRequest> requests) {
    return locked(() -> {
      long run = ++lastId;
      List<SandboxJob> added = new ArrayList<>();
      for (JobRequest request : requests) {
        added.add(
            SandboxJob.queued(
                ++lastId,
                run,
                1,
                repository,
                head,
                request.name(),
                request.labels(),
                request.steps(),
                clock.instant()));
      }
      hooks.accept(new HookEvent.RunChanged("requested", SandboxRun.of(added)));
      added.forEach(this::enqueue);
      return added;
    });
  }

  /** Makes a workflow that can be dispatched. */
  void addWorkflow(String repository, String file, SandboxWorkflow workflow) {
    locked(() -> workflows.put(workflowKey(repository, file), workflow));
  }

  void cancel(long id) {
    locked(() -> {
      SandboxJob job = current(id);
      if (job.status() != Status.COMPLETED) {
        complete(job, "cancelled");
      }
      return job;
    });
  }

  Group addGroup(String organization, String name, Set<String> repositories) {
    return locked(() -> {
      Group group = new Group(++lastId, organization, name, repositories);
      groups.put(group.id(), group);
      return group;
    });
  }

  /** Lets pass what time brings: idle runners go, lost ones fail their jobs. */
  void settle() {
    locked(() -> true);
  }

  /** Ends all long polls. */
  void close() {
    locked(() -> {
      closed = true;
      return true;
    });
  }

  // What the API asks.

  Optional<SandboxJob> jobNow(long id) {
    return locked(() -> Optional.ofNullable(jobs.get(id)).flatMap(History::latest));
  }

  List<SandboxJob> jobsNow(long run) {
    return locked(() -> allJobs(run));
  }

  Optional<SandboxJob> job(String repository, long id) {
    return locked(() ->
        Optional.ofNullable(jobs.get(id))
            .flatMap(history -> history.asOf(visible()))
            .filter(job -> job.repository().equalsIgnoreCase(repository)));
  }

  List<SandboxRun> runs(String repository, Optional<Status> status) {
    return locked(() ->
        jobs.values().stream()
            .flatMap(history -> history.asOf(visible()).stream())
            .filter(job -> job.repository().equalsIgnoreCase(repository))
            .collect(
                Collectors.groupingBy(SandboxJob::runId, LinkedHashMap::new, Collectors.toList()))
            .values()
            .stream()
            .map(SandboxModel::latestAttempt)
            .map(SandboxRun::of)
            .filter(run -> status.isEmpty() || status.get() == run.status())
            .sorted(Comparator.comparingLong(SandboxRun::id).reversed())
            .toList());
  }

  Optional<SandboxRun> run(String repository, long id) {
    return runs(repository, Optional.empty()).stream().filter(run -> run.id() == id).findFirst();
  }

  List<SandboxJob> jobsOf(String repository, long run) {
    return locked(() ->
        latestAttempt(
            jobs.values().stream()
                .flatMap(history -> history.asOf(visible()).stream())
                .filter(job -> job.runId() == run)
                .filter(job -> job.repository().equalsIgnoreCase(repository))
                .toList()));
  }

  /** Each run is of a commit of its own. */
  boolean knowsCommit(String repository, String sha) {
    return locked(() ->
        jobs.values().stream()
            .flatMap(history -> history.latest().stream())
            .filter(job -> job.repository().equalsIgnoreCase(repository))
            .anyMatch(job -> SandboxRun.headOf(job.runId()).equalsIgnoreCase(sha)));
  }

  List<Group> groups(String organization) {
    return locked(() -> {
      List<Group> found = new ArrayList<>();
      found.add(new Group(DEFAULT_GROUP, organization, "Default", Set.of()));
      groups.values().stream()
          .filter(group -> group.organization().equalsIgnoreCase(organization))
          .forEach(found::add);
      return found;
    });
  }

  List<SandboxRegistration> runners(String scope) {
    return locked(() ->
        seats.values().stream()
            .flatMap(seat -> seat.history.asOf(visible()).stream())
            .filter(runner -> runner.scope().equalsIgnoreCase(scope))
            .toList());
  }

  List<SandboxRegistration> runnersNow() {
    return locked(
        () -> seats.values().stream().flatMap(seat -> seat.history.latest().stream()).toList());
  }

  Seated register(String scope, String name, long group, List<String> labels) {
    return locked(() -> {
      if (group != DEFAULT_GROUP && !groupIn(scope, group)) {
        throw Refusal.notFound();
      }
      if (nameTaken(scope, name)) {
        throw new Refusal(
            409, "Already exists - A runner with the name " + name + " already exists.");
      }
      Instant now = clock.instant();
      SandboxRegistration runner =
          new SandboxRegistration(++lastId, name, scope, group, labels, false, false, now);
      byte[] secret = new byte[24];
      random.nextBytes(secret);
      Seat seat = new Seat(HexFormat.of().formatHex(secret), now);
      seat.history.put(runner, now);
      seats.put(runner.id(), seat);
      return new Seated(runner, seat.secret);
    });
  }

  /** Deleting is judged by what is, not by what the lagging reads show. */
  void delete(String scope, long id) {
    locked(() -> {
      SandboxRegistration runner =
          Optional.ofNullable(seats.get(id))
              .flatMap(seat -> seat.history.latest())
              .filter(found -> found.scope().equalsIgnoreCase(scope))
              .orElseThrow(Refusal::notFound);
      if (runner.busy()) {
        throw new Refusal(422, "Runner \"" + runner.name() + "\" is currently running a job.");
      }
      remove(id);
      return runner;
    });
  }

  boolean hasWorkflow(String repository, String file) {
    return locked(() -> workflows.containsKey(workflowKey(repository, file)));
  }

  /** Queues a run of a workflow. */
  List<SandboxJob> dispatch(String repository, String file, Map<String, String> inputs) {
    SandboxWorkflow workflow =
        Optional.ofNullable(locked(() -> workflows.get(workflowKey(repository, file))))
            .orElseThrow(Refusal::notFound);
    return queue(repository, workflow.jobs(inputs));
  }

  private static String workflowKey(String repository, String file) {
    return repository.toLowerCase(Locale.ROOT) + "/" + file;
  }

  /** Cancels what has not ended of a run. */
  void cancelRun(String repository, long run) {
    locked(() -> {
      List<SandboxJob> latest = latestJobs(run);
      if (latest.isEmpty() || !latest.getFirst().repository().equalsIgnoreCase(repository)) {
        throw Refusal.notFound();
      }
      List<SandboxJob> open =
          latest.stream().filter(job -> job.status() != Status.COMPLETED).toList();
      if (open.isEmpty()) {
        throw new Refusal(409, "Cannot cancel a workflow run that is completed.");
      }
      open.forEach(job -> complete(job, "cancelled"));
      return open;
    });
  }

  /** A rerun is a new job in the run's next attempt. */
  List<SandboxJob> rerun(String repository, long jobId) {
    return locked(() -> {
      SandboxJob job = current(jobId);
      return repeat(closedRun(repository, job.runId()), List.of(job));
    });
  }

  List<SandboxJob> rerunFailed(String repository, long run) {
    return locked(() -> {
      List<SandboxJob> latest = closedRun(repository, run);
      List<SandboxJob> failed = latest.stream().filter(SandboxJob::failed).toList();
      if (failed.isEmpty()) {
        throw new Refusal(403, "This workflow run has no failed jobs.");
      }
      return repeat(latest, failed);
    });
  }

  // What a runner process does.

  /**
   * Waits for a job.
   *
   * @throws Refusal 410 when the registration is gone
   */
  Optional<SandboxJob> poll(long runner, String secret, Duration wait) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = wait.toNanos();
      while (true) {
        pass();
        Seat seat = seat(runner, secret);
        seat.lastSeen = clock.instant();
        Optional<SandboxJob> job = take(seat);
        if (job.isPresent() || left <= 0 || closed) {
          return job;
        }
        // Short naps, so that the registration's own end is noticed while it waits.
        long nap = Math.min(left, TimeUnit.SECONDS.toNanos(1));
        left -= nap - changed.awaitNanos(nap);
      }
    } finally {
      lock.unlock();
    }
  }

  void alive(long runner, String secret) {
    locked(() -> {
      seat(runner, secret).lastSeen = clock.instant();
      return true;
    });
  }

  void done(long runner, String secret, String conclusion) {
    locked(() -> {
      Seat seat = seat(runner, secret);
      if (seat.job != null) {
        complete(current(seat.job), conclusion);
      }
      return true;
    });
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      pass();
      T result = action.get();
      changed.signalAll();
      return result;
    } finally {
      lock.unlock();
    }
  }

  private Instant visible() {
    return clock.instant().minus(settings.readLag());
  }

  private void pass() {
    Instant now = clock.instant();
    if (now.isBefore(nextPass)) {
      return;
    }
    nextPass = now.plus(PASS_EVERY);
    seats.values().removeIf(seat -> seat.history.endedBy(visible()));
    for (Seat seat : List.copyOf(seats.values())) {
      Optional<SandboxRegistration> latest = seat.history.latest();
      if (latest.isEmpty()) {
        continue;
      }
      SandboxRegistration runner = latest.get();
      boolean silent = !seat.lastSeen.plus(settings.lostRunnerAfter()).isAfter(now);
      if (seat.job != null) {
        if (silent) {
          complete(current(seat.job), "failure");
        }
      } else if (!runner.registeredAt().plus(settings.idleRunnerLife()).isAfter(now)) {
        remove(runner.id());
      } else if (silent && runner.online()) {
        seat.history.put(runner.withOnline(false), now);
      }
    }
  }

  private void enqueue(SandboxJob job) {
    History<SandboxJob> history = new History<>();
    history.put(job, clock.instant());
    jobs.put(job.id(), history);
    waiting.add(job.id());
    hooks.accept(new HookEvent.JobChanged("queued", job));
  }

  private Optional<SandboxJob> take(Seat seat) {
    Instant now = clock.instant();
    SandboxRegistration runner = seat.history.latest().orElseThrow();
    if (seat.job != null) {
      return Optional.of(current(seat.job));
    }
    for (long id : waiting) {
      SandboxJob job = current(id);
      if (serves(runner, job)) {
        waiting.remove(id);
        SandboxRegistration busy = runner.atWork();
        seat.history.put(busy, now);
        seat.job = id;
        SandboxJob started = job.started(busy, now);
        put(started);
        hooks.accept(new HookEvent.JobChanged("in_progress", started));
        return Optional.of(started);
      }
    }
    if (!runner.online()) {
      seat.history.put(runner.withOnline(true), now);
    }
    return Optional.empty();
  }

  private void complete(SandboxJob job, String conclusion) {
    waiting.remove(job.id());
    SandboxJob completed = job.completed(conclusion, clock.instant());
    put(completed);
    job.runner().ifPresent(runner -> remove(runner.id()));
    hooks.accept(new HookEvent.JobChanged("completed", completed));
    SandboxRun run = SandboxRun.of(latestJobs(job.runId()));
    if (run.status() == Status.COMPLETED) {
      hooks.accept(new HookEvent.RunChanged("completed", run));
    }
  }

  private void put(SandboxJob job) {
    history(job.id()).put(job, clock.instant());
  }

  private void remove(long runner) {
    Seat seat = Objects.requireNonNull(seats.get(runner));
    seat.job = null;
    seat.history.end(clock.instant());
  }

  private boolean serves(SandboxRegistration runner, SandboxJob job) {
    boolean inScope =
        runner.scope().equalsIgnoreCase("repos/" + job.repository())
            || (runner.scope().equalsIgnoreCase("orgs/" + ownerOf(job.repository()))
                && groupAllows(runner.groupId(), job.repository()));
    return inScope && lower(runner.labels()).containsAll(lower(job.labels()));
  }

  private boolean groupAllows(long group, String repository) {
    Group found = groups.get(group);
    return found == null
        || found.repositories().isEmpty()
        || found.repositories().contains(repository);
  }

  private boolean groupIn(String scope, long group) {
    Group found = groups.get(group);
    return found != null && scope.equalsIgnoreCase("orgs/" + found.organization());
  }

  private boolean nameTaken(String scope, String name) {
    return seats.values().stream()
        .flatMap(seat -> seat.history.latest().stream())
        .anyMatch(runner -> runner.scope().equalsIgnoreCase(scope) && runner.name().equals(name));
  }

  private Seat seat(long runner, String secret) {
    Seat seat = seats.get(runner);
    if (seat == null || !seat.secret.equals(secret) || seat.history.latest().isEmpty()) {
      throw new Refusal(410, "This runner's registration has been deleted.");
    }
    return seat;
  }

  private SandboxJob current(long id) {
    return history(id).latest().orElseThrow();
  }

  private History<SandboxJob> history(long job) {
    History<SandboxJob> history = jobs.get(job);
    if (history == null) {
      throw Refusal.notFound();
    }
    return history;
  }

  private List<SandboxJob> closedRun(String repository, long run) {
    List<SandboxJob> latest = latestJobs(run);
    if (latest.isEmpty() || !latest.getFirst().repository().equalsIgnoreCase(repository)) {
      throw Refusal.notFound();
    }
    if (SandboxRun.of(latest).status() != Status.COMPLETED) {
      throw new Refusal(403, "The workflow run containing this job is already running.");
    }
    return latest;
  }

  private List<SandboxJob> repeat(List<SandboxJob> latest, List<SandboxJob> which) {
    int attempt = latest.getFirst().runAttempt() + 1;
    List<SandboxJob> added =
        which.stream().map(job -> job.again(++lastId, attempt, clock.instant())).toList();
    hooks.accept(new HookEvent.RunChanged("requested", SandboxRun.of(added)));
    added.forEach(this::enqueue);
    return added;
  }

  private List<SandboxJob> latestJobs(long run) {
    return latestAttempt(allJobs(run));
  }

  private List<SandboxJob> allJobs(long run) {
    return jobs.values().stream()
        .flatMap(history -> history.latest().stream())
        .filter(job -> job.runId() == run)
        .toList();
  }

  private static List<SandboxJob> latestAttempt(List<SandboxJob> all) {
    int attempt = all.stream().mapToInt(SandboxJob::runAttempt).max().orElse(0);
    return all.stream().filter(job -> job.runAttempt() == attempt).toList();
  }

  private static Set<String> lower(List<String> labels) {
    return labels.stream().map(l -> l.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  static String ownerOf(String repository) {
    return repository.substring(0, repository.indexOf('/'));
  }
}

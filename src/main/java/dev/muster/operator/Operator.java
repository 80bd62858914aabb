package dev.muster.operator;

import dev.muster.fleet.cost.BudgetHold;
import dev.muster.fleet.github.GitHubJobs;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.pool.Pauses;
import dev.muster.fleet.runner.LaunchedSpecs;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerEvent;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What an operator may do. */
public final class Operator {
  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final AuditLog audit;
  private final InstantSource clock;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final LaunchedSpecs specs;
  private final GitHubJobs jobs;
  private final Tokens tokens = new Tokens();

  public Operator(
      Database database,
      Writer writer,
      WorkQueue queue,
      AuditLog audit,
      InstantSource clock,
      Supplier<Optional<FleetSpec>> fleet,
      LaunchedSpecs specs,
      GitHubJobs jobs) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.audit = audit;
    this.clock = clock;
    this.fleet = fleet;
    this.specs = specs;
    this.jobs = jobs;
  }

  /** Stops new launches somewhere; running jobs go on. */
  public void pause(Principal who, Pauses.Scope scope, String name) {
    requireOwn(who, scope, name);
    requireKnown(scope, name);
    Pauses.Pause pause = new Pauses.Pause(scope, name, clock.instant(), who.name());
    writer.run(
        Priority.RECONCILE,
        tx -> {
          Pauses.pause(tx, pause);
          audit.add(tx, who.actor(), "launches.paused", scope.word() + " " + name, "");
          duePools(tx, scope, name);
        });
  }

  /** Whether all that a pause covers is of the environment that somebody's token is good for. */
  boolean touches(Principal who, Pauses.Scope scope, String name) {
    return who.environment().isEmpty()
        || switch (scope) {
          case ALL -> false;
          case ENVIRONMENT -> who.mayTouch(name);
          case POOL ->
              fleet
                  .get()
                  .flatMap(config -> config.pool(name))
                  .filter(pool -> who.mayTouch(pool.environment()))
                  .isPresent();
        };
  }

  /** What is another environment's is as if it were not there. */
  private void requireOwn(Principal who, Pauses.Scope scope, String name) {
    if (scope == Pauses.Scope.ALL && who.environment().isPresent()) {
      throw Access.beyond(who, who.environment().get());
    }
    if (!touches(who, scope, name)) {
      throw notFound("There is no " + scope.word() + " '" + name + "' in the config in force");
    }
  }

  private void requireKnown(Pauses.Scope scope, String name) {
    boolean known =
        switch (scope) {
          case ALL -> name.isEmpty();
          case ENVIRONMENT -> fleet.get().flatMap(f -> f.environment(name)).isPresent();
          case POOL -> fleet.get().flatMap(f -> f.pool(name)).isPresent();
        };
    if (!known) {
      throw notFound("There is no " + scope.word() + " '" + name + "' in the config in force");
    }
  }

  /**
   * Allows launches again where they were paused; else in an environment where its budget holds
   * them, for the rest of the month. Whoever ends a pause does not mean the budget too.
   */
  public void resume(Principal who, Pauses.Scope scope, String name) {
    requireOwn(who, scope, name);
    boolean was =
        writer.write(
            Priority.RECONCILE,
            tx -> {
              boolean removed = Pauses.resume(tx, scope, name);
              if (removed) {
                audit.add(tx, who.actor(), "launches.resumed", scope.word() + " " + name, "");
              }
              boolean lifted = !removed && scope == Pauses.Scope.ENVIRONMENT && lift(tx, who, name);
              if (removed || lifted) {
                duePools(tx, scope, name);
              }
              return removed || lifted;
            });
    if (!was) {
      throw notFound("Launches are not paused for " + scope.word() + " " + name);
    }
  }

  /**
   * False where no budget holds launches. A budget is kept against those who spend: a token of the
   * environment alone does not lift it.
   */
  private boolean lift(Tx tx, Principal who, String name) {
    Instant now = clock.instant();
    Optional<BudgetHold> hold =
        fleet
            .get()
            .flatMap(config -> config.environment(name))
            .flatMap(environment -> BudgetHold.of(tx, environment, now));
    if (hold.isEmpty()) {
      return false;
    }
    who.environment()
        .ifPresent(own -> {
          throw Access.beyond(who, own);
        });
    BudgetHold.lift(tx, name, now, who.name());
    audit.add(tx, who.actor(), "budget.lifted", name, hold.get().words());
    Notices.settle(tx, "budget-" + name);
    return true;
  }

  private void duePools(Tx tx, Pauses.Scope scope, String name) {
    Set<String> pools = new LinkedHashSet<>();
    for (PoolSpec pool : fleet.get().map(FleetSpec::pools).orElse(List.of())) {
      boolean concerned =
          switch (scope) {
            case ALL -> true;
            case ENVIRONMENT -> pool.environment().equals(name);
            case POOL -> pool.name().equals(name);
          };
      if (concerned) {
        pools.add(pool.name());
      }
    }
    pools.addAll(JobStore.poolsWithDemand(tx));
    pools.forEach(pool -> queue.due(tx, RunnerKeys.pool(pool), clock.instant(), Optional.empty()));
  }

  /**
   * Ends a runner: off GitHub first, then its machine.
   *
   * @param force also when a job runs on it
   */
  public void terminate(Principal who, RunnerId id, boolean force) {
    String reason = "terminated by " + who.name();
    writer.run(
        Priority.RECONCILE,
        tx -> {
          Runner runner =
              RunnerStore.find(tx, id)
                  .filter(found -> who.mayTouch(found.origin().environment()))
                  .orElseThrow(() -> notFound("There is no runner " + id));
          RunnerEvent event = ending(runner, reason, force);
          RunnerStore.apply(tx, runner, event, clock.instant(), specs.of(runner));
          audit.add(tx, who.actor(), "runner.terminated", id.value(), runner.state().word());
          queue.due(tx, RunnerKeys.runner(id), clock.instant(), Optional.empty());
          queue.due(
              tx,
              RunnerKeys.compute(runner.origin().provider(), runner.origin().region()),
              clock.instant(),
              Optional.empty());
        });
  }

  private static RunnerEvent ending(Runner runner, String reason, boolean force) {
    RunnerState state = runner.state();
    if (!state.alive()) {
      throw conflict("Runner " + runner.id() + " is " + state.word() + " already");
    }
    return switch (state) {
      case BUSY -> {
        if (!force) {
          throw conflict(
              "Runner %s runs job %s; say so with --force to end both"
                  .formatted(
                      runner.id(), runner.reservation().map(r -> r.job().toString()).orElse("?")));
        }
        yield new RunnerEvent.Failed(reason);
      }
      case ASSIGNED, REGISTERED -> new RunnerEvent.Released(reason);
      case PLANNED, LAUNCHING, BOOTING, READY, STOPPING, STOPPED, STARTING ->
          new RunnerEvent.TerminateWanted(reason);
      case TERMINATING, TERMINATED, FAILED -> throw new IllegalStateException("judged above");
    };
  }

  /** Runs a job again at GitHub, which makes a new job of it. */
  public void retry(Principal who, JobId id) {
    Job job =
        database
            .read(read -> JobStore.find(read, id))
            .filter(found ->
                who.environment().isEmpty()
                    || found.placement().filter(p -> who.mayTouch(p.environment())).isPresent())
            .orElseThrow(() -> notFound("There is no job " + id));
    if (!job.state().ended()) {
      throw conflict(
          "Job " + id + " is " + job.state().word() + "; only a job that ended is retried");
    }
    switch (jobs.rerun(job.facts().repository(), id)) {
      case ACCEPTED ->
          writer.run(
              Priority.RECONCILE,
              tx -> audit.add(tx, who.actor(), "job.retried", id.toString(), ""));
      case REFUSED ->
          throw conflict(
              "GitHub refuses to rerun job "
                  + id
                  + " while its run is open; wait for the run to end, and check that the App may"
                  + " write actions");
    }
  }

  public List<Tokens.Listed> tokens() {
    return database.read(Tokens::list);
  }

  /**
   * Makes a token.
   *
   * @param environment the one that it is good for; empty for all
   */
  public Tokens.Created createToken(
      Principal who, String name, Role role, Optional<String> environment) {
    environment.ifPresent(e -> requireKnown(Pauses.Scope.ENVIRONMENT, e));
    return writer.write(
        Priority.ACKNOWLEDGE,
        tx -> {
          Tokens.Created created = tokens.create(tx, name, role, environment, clock.instant());
          String what = role.word() + environment.map(e -> " of " + e).orElse("") + " " + name;
          audit.add(tx, who.actor(), "token.created", created.id(), what);
          return created;
        });
  }

  public void revokeToken(Principal who, String id) {
    boolean revoked =
        writer.write(
            Priority.ACKNOWLEDGE,
            tx -> {
              boolean was = Tokens.revoke(tx, id, clock.instant());
              if (was) {
                audit.add(tx, who.actor(), "token.revoked", id, "");
              }
              return was;
            });
    if (!revoked) {
      throw notFound("There is no good token with the id " + id);
    }
  }

  /** Takes a matter off the top of the status page. */
  public void settle(Principal who, String notice) {
    boolean settled =
        writer.write(
            Priority.RECONCILE,
            tx -> {
              boolean was = Notices.settle(tx, notice);
              if (was) {
                audit.add(tx, who.actor(), "notice.settled", notice, "");
              }
              return was;
            });
    if (!settled) {
      throw notFound("There is no notice " + notice);
    }
  }

  static HttpProblem notFound(String message) {
    return new HttpProblem(new ErrorBody(404, "not_found", message));
  }

  private static HttpProblem conflict(String message) {
    return new HttpProblem(new ErrorBody(409, "conflict", message));
  }
}

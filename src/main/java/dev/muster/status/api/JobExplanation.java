package dev.muster.status.api;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.pool.Pauses;
import dev.muster.fleet.pool.PoolDecisions;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Read;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Why a job is where it is, in words, from what was recorded when it was decided. */
final class JobExplanation {
  private final Read read;
  private final Job job;
  private final Instant now;
  private final List<String> lines = new ArrayList<>();

  private JobExplanation(Read read, Job job, Instant now) {
    this.read = read;
    this.job = job;
    this.now = now;
  }

  static List<String> of(Read read, Job job, Instant now) {
    JobExplanation explanation = new JobExplanation(read, job, now);
    explanation.explain();
    return explanation.lines;
  }

  private void explain() {
    Optional<String> home = OwnershipStore.of(read, job.id()).flatMap(Ownership::elsewhere);
    if (home.isPresent()) {
      lines.add("Region %s serves it; this is what GitHub told here.".formatted(home.get()));
      if (!job.state().ended()) {
        return;
      }
    }
    switch (job.state()) {
      case WAITING -> lines.add("GitHub holds it for an approval; it needs no runner yet.");
      case QUEUED -> queued();
      case ASSIGNED -> assigned();
      case RUNNING ->
          lines.add("It runs on " + runnerName() + lasting(job.times().started()) + ".");
      case COMPLETED -> completed();
      case REJECTED ->
          lines.add(
              Words.sentence(
                  "It carries this appliance's marker and cannot be served: "
                      + job.reason().orElse("no reason was recorded")));
      case INTERRUPTED -> interrupted();
      case LOST ->
          lines.add(
              "GitHub no longer knows it, so nothing more is done for it until GitHub shows it again.");
    }
    stall(RunnerKeys.job(job.id()));
  }

  private void queued() {
    lines.add("It waits for a runner" + lasting(job.times().queued()) + ".");
    if (job.placement().isEmpty()) {
      lines.add("It has no pool yet" + job.reason().map(r -> ": " + r).orElse("") + ".");
      stall(JobKeys.run(job.facts().run()));
      return;
    }
    Placement place = job.placement().get();
    Pauses.holding(read, place.pool(), place.environment())
        .ifPresent(pause -> lines.add("New launches are " + pause.words() + "."));
    PoolDecisions.about(read, place.pool(), job.id().value())
        .ifPresent(why -> lines.add(Words.sentence("Pool " + place.pool() + " decided: " + why)));
    stall(RunnerKeys.pool(place.pool()));
  }

  private void assigned() {
    lines.add(runnerName() + " is reserved for it" + lasting(job.times().assigned()) + ".");
    runner()
        .ifPresent(runner -> {
          lines.add(
              "That runner is %s%s."
                  .formatted(runner.state().word(), lasting(Optional.of(runner.since()))));
          stall(RunnerKeys.runner(runner.id()));
        });
  }

  private void completed() {
    String took =
        job.times()
            .started()
            .flatMap(from -> job.times().completed().map(to -> Duration.between(from, to)))
            .map(d -> " after running for " + Words.duration(d))
            .orElse(", without having run");
    lines.add("GitHub concluded " + job.conclusion().orElse("nothing") + took + ".");
    job.waited(now)
        .ifPresent(d -> lines.add("It had waited " + Words.duration(d) + " for its runner."));
  }

  private void interrupted() {
    lines.add(
        Words.sentence(
            "Its runner was taken away by the cloud: "
                + job.reason().orElse("no reason was recorded")));
    RerunIntents.find(read, job.facts().run(), job.facts().runAttempt())
        .map(intent ->
            switch (intent.state()) {
              case WAITING -> "It is rerun when its run has ended; a rerun is a job of its own";
              case ASKED -> "GitHub is asked: " + intent.detail();
              case RERUN -> "GitHub was asked: " + intent.detail();
              case DROPPED -> "It is " + intent.detail();
            })
        .map(Words::sentence)
        .ifPresent(lines::add);
    stall(JobKeys.rerun(job.facts().run()));
  }

  private String runnerName() {
    return job.runnerName().or(job::runner).map(name -> "Runner " + name).orElse("A runner");
  }

  private Optional<Runner> runner() {
    return job.runner().map(RunnerId::new).flatMap(id -> RunnerStore.find(read, id));
  }

  private String lasting(Optional<Instant> since) {
    return since.map(from -> ", for " + Words.duration(Duration.between(from, now))).orElse("");
  }

  private void stall(WorkKey key) {
    WorkQueue.find(read, key)
        .ifPresent(item ->
            item.stalled()
                .map(why -> key + " is stalled until what it needs changes: " + why)
                .or(() -> item.lastError().map(why -> "The last try of " + key + " failed: " + why))
                .ifPresent(lines::add));
  }
}

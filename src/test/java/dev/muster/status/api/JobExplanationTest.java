package dev.muster.status.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.kernel.queue.Claim;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobExplanationTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private static final JobFacts FACTS =
      new JobFacts(
          new JobId(1),
          7,
          1,
          "acme/api",
          "build",
          Optional.empty(),
          List.of("muster/runner=here"),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          true,
          NOW);

  @TempDir private Path folder;
  private final WorkQueue queue = new WorkQueue();

  @Test
  void interruptedJobSaysWhatBecameOfItsRerun() {
    try (StoreFixture store = StoreFixture.open(folder)) {
      Job job =
          store.write(tx -> {
            JobStore.apply(tx, FACTS, new JobEvent.Queued(NOW), NOW, Optional.empty());
            JobEvent failed = new JobEvent.Completed(NOW, "failure", Optional.empty());
            JobStore.apply(tx, FACTS.id(), failed, NOW);
            RerunIntents.want(tx, FACTS, NOW);
            JobEvent interrupted = new JobEvent.Interrupted("EC2 takes the spot machine back");
            return JobStore.apply(tx, FACTS.id(), interrupted, NOW).orElseThrow();
          });
      assertThat(explained(store, job))
          .containsExactly(
              "Its runner was taken away by the cloud: EC2 takes the spot machine back.",
              "It is rerun when its run has ended; a rerun is a job of its own.");
      store.run(tx ->
          RerunIntents.change(
              tx,
              RerunIntents.open(tx, FACTS.run()).orElseThrow(),
              RerunIntent.State.DROPPED,
              "not rerun: somebody else began attempt 2 before",
              NOW));
      assertThat(explained(store, job))
          .contains("It is not rerun: somebody else began attempt 2 before.");
    }
  }

  @Test
  void heldJobSaysWhatItWaitsForAndWhyThatIsNotKnown() {
    try (StoreFixture store = StoreFixture.open(folder)) {
      Job job =
          store.write(tx -> {
            JobStore.apply(tx, FACTS, new JobEvent.Queued(NOW), NOW, Optional.empty());
            queue.due(tx, JobKeys.run(FACTS.run()), NOW, Optional.empty());
            Claim claim = queue.claim(tx, NOW, Duration.ofMinutes(5), 1).getFirst();
            queue.retry(tx, claim, NOW.plusSeconds(1), "GitHub: read a run: answered 502");
            JobEvent held = new JobEvent.Held("it may be a fork's");
            return JobStore.apply(tx, FACTS.id(), held, NOW).orElseThrow();
          });
      List<String> lines = explained(store, job);
      assertThat(lines)
          .contains(
              "It has no pool yet: it may be a fork's.",
              "The last try of run/acme/api#7 failed: GitHub: read a run: answered 502");
    }
  }

  private static List<String> explained(StoreFixture store, Job job) {
    return store.read(read -> JobExplanation.of(read, job, NOW));
  }
}

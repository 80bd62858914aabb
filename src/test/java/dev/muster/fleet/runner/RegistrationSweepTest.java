package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fleet.job.JobFacts;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrationSweepTest {
  private static final Outcome REST = new Outcome.RequeueAfter(Duration.ofMinutes(15));
  private static final Outcome GO_ON = new Outcome.RequeueAfter(Duration.ofSeconds(1));

  private final VirtualTime time = new VirtualTime("2026-03-04T12:00:00Z");
  private final Hub hub = new Hub();
  @TempDir private Path folder;
  private StoreFixture store;
  private RegistrationSweep sweep;
  private int made;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
    sweep = new RegistrationSweep(store.database(), store.writer(), time, hub);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void ghostIsReachedBehindAnyNumberOfRunnersAtWork() {
    for (int i = 0; i < 230; i++) {
      String name = registration();
      runner(name, RunnerState.BUSY, name);
    }
    String ghost = registration();
    time.pass(Duration.ofMinutes(6));
    assertThat(reconcile()).isEqualTo(REST);
    assertThat(hub.removed).containsExactly(number(ghost));
    assertThat(left()).hasSize(230).doesNotContain(ghost);
  }

  @Test
  void registrationOfARunnerThatEndedOrGoesByAnotherNameIsAGhost() {
    String ended = registration();
    runner(ended, RunnerState.TERMINATED, ended);
    String renamed = registration();
    runner(renamed, RunnerState.REGISTERED, renamed + "-2");
    String kept = registration();
    runner(kept, RunnerState.TERMINATING, kept);
    time.pass(Duration.ofMinutes(6));
    String young = registration();
    reconcile();
    assertThat(left()).containsExactly(kept, young);
  }

  @Test
  void whatCannotBeRemovedKeepsNothingElseFromItsTurn() {
    for (int i = 0; i < 200; i++) {
      hub.busy.add(number(registration()));
    }
    for (int i = 0; i < 200; i++) {
      hub.refused.add(number(registration()));
    }
    String ghost = registration();
    time.pass(Duration.ofMinutes(6));
    assertThat(reconcile()).isEqualTo(GO_ON);
    assertThatThrownBy(this::reconcile).isInstanceOf(StalledException.class);
    assertThat(left()).hasSize(401);
    assertThat(reconcile()).isEqualTo(REST);
    assertThat(left()).hasSize(400).doesNotContain(ghost);

    hub.busy.clear();
    assertThat(reconcile()).as("it begins with the oldest again").isEqualTo(GO_ON);
    assertThat(left()).hasSize(200);
  }

  private Outcome reconcile() {
    return sweep.reconcile(RegistrationSweep.KEY.name(), Optional.empty());
  }

  /** One that was made at GitHub; all of them are of one instant. */
  private String registration() {
    made++;
    String name = "muster-%012d".formatted(made);
    store.run(tx -> {
      Registrations.intended(tx, name, new RunnerId(name), "repos/acme/api", time.instant());
      Registrations.made(tx, name, "repos/acme/api", number(name));
    });
    return name;
  }

  private static long number(String name) {
    return Long.parseLong(name.substring("muster-".length()));
  }

  private void runner(String id, RunnerState state, String name) {
    Instant now = time.instant();
    store.run(tx ->
        tx.update(
            """
            insert into runner (id, launch, pool, provider, environment, region, spec, spec_hash,
              state, since, job, name, report_sequence, created_at, version)
            values (?, 'launch-1', 'default', 'ec2', 'dev', 'eu-west-1', 'linux', 'h', ?, ?, 1, ?,
              0, ?, 0)
            """,
            id,
            state,
            now,
            name,
            now));
  }

  private List<String> left() {
    return store.read(read ->
        read.all(
            "select name from registration where removed_at is null order by name",
            row -> row.text("name")));
  }

  /** GitHub, of which only removals are asked here. */
  private static final class Hub implements RunnerRegistry {
    final Set<Long> busy = new HashSet<>();
    final Set<Long> refused = new HashSet<>();
    final List<Long> removed = new ArrayList<>();

    @Override
    public Removal remove(String scope, long githubId) {
      if (refused.contains(githubId)) {
        throw new StalledException("403: not permitted", null);
      }
      if (busy.contains(githubId)) {
        return Removal.BUSY;
      }
      removed.add(githubId);
      return Removal.REMOVED;
    }

    @Override
    public String scope(JobFacts job, Optional<String> runnerGroup) {
      throw new AssertionError("no job is registered here");
    }

    @Override
    public Registration register(JobFacts job, String name, Optional<String> runnerGroup) {
      throw new AssertionError("no job is registered here");
    }

    @Override
    public List<Remote> list(String scope) {
      throw new AssertionError("the numbers are known");
    }
  }
}

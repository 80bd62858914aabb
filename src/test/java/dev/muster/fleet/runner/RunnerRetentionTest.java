package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is forgotten of runners and launches, and in which steps. */
class RunnerRetentionTest {
  private static final Instant OLD = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant BEFORE = OLD.plus(Duration.ofDays(1));
  private static final Instant YOUNG = BEFORE;

  @TempDir private Path folder;
  private StoreFixture store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void oldRunnersGoInStepsWithWhatIsTheirs() {
    for (int i = 1; i <= 5; i++) {
      RunnerId id = runner("muster-00000000000" + i, "launch-1", RunnerState.TERMINATED, OLD);
      store.run(tx -> {
        RunnerStore.note(tx, id, new TimelineEntry(OLD, "terminated", ""));
        Registrations.intended(tx, id.value(), id, "repos/acme/api", OLD);
        Registrations.removed(tx, id.value(), OLD);
      });
    }
    assertThat(removeRunners(3)).isEqualTo(3);
    assertThat(ids("runner")).hasSize(2);
    assertThat(removeRunners(3)).isEqualTo(2);
    assertThat(removeRunners(3)).isZero();
    for (String table : List.of("runner", "runner_event", "registration")) {
      assertThat(count(table)).as(table).isZero();
    }
  }

  @Test
  void runnersThatAreYoungOrNotGoneStay() {
    runner("muster-000000000001", "launch-1", RunnerState.TERMINATED, YOUNG);
    runner("muster-000000000002", "launch-1", RunnerState.TERMINATING, OLD);
    runner("muster-000000000003", "launch-1", RunnerState.STOPPED, OLD);
    assertThat(removeRunners(10)).isZero();
    assertThat(ids("runner"))
        .containsExactly("muster-000000000001", "muster-000000000002", "muster-000000000003");
  }

  @Test
  void registrationThatMayStillExistOutlivesItsRunner() {
    RunnerId id = runner("muster-000000000001", "launch-1", RunnerState.TERMINATED, OLD);
    store.run(tx -> Registrations.intended(tx, id.value(), id, "repos/acme/api", OLD));
    assertThat(removeRunners(10)).isEqualTo(1);
    assertThat(store.<List<Registrations.Open>>read(read -> Registrations.openOf(read, id)))
        .hasSize(1);
  }

  @Test
  void oldLaunchesGoInStepsOnceTheirRunnersAreGone() {
    for (int i = 1; i <= 5; i++) {
      launch("launch-" + i, "ANSWERED", OLD);
    }
    runner("muster-000000000001", "launch-5", RunnerState.TERMINATED, OLD);
    assertThat(removeLaunches(3)).isEqualTo(3);
    assertThat(ids("launch")).hasSize(2);
    assertThat(removeLaunches(3)).isEqualTo(1);
    assertThat(ids("launch")).as("its runner is there").containsExactly("launch-5");
    removeRunners(10);
    assertThat(ids("launch")).as("a step for each kind of row").containsExactly("launch-5");
    assertThat(removeLaunches(3)).isEqualTo(1);
    assertThat(removeLaunches(3)).isZero();
  }

  @Test
  void launchesThatAreYoungOrUnansweredStay() {
    launch("launch-1", "ANSWERED", YOUNG);
    launch("launch-2", "PLANNED", OLD);
    assertThat(removeLaunches(10)).isZero();
    assertThat(ids("launch")).containsExactly("launch-1", "launch-2");
  }

  private int removeRunners(int limit) {
    return store.write(tx -> RunnerStore.remove(tx, BEFORE, limit));
  }

  private int removeLaunches(int limit) {
    return store.write(tx -> LaunchStore.remove(tx, BEFORE, limit));
  }

  private RunnerId runner(String id, String launch, RunnerState state, Instant since) {
    store.run(tx ->
        tx.update(
            """
            insert into runner (id, launch, pool, provider, environment, region, spec, spec_hash,
              state, since, report_sequence, created_at, version)
            values (?, ?, 'default', 'ec2', 'dev', 'eu-west-1', 'linux', 'h', ?, ?, 0, ?, 0)
            """,
            id,
            launch,
            state,
            since,
            since));
    return new RunnerId(id);
  }

  private void launch(String id, String state, Instant at) {
    store.run(tx ->
        tx.update(
            """
            insert into launch (id, pool, provider, region, spec_hash, count, request, state,
              created_at)
            values (?, 'default', 'ec2', 'eu-west-1', 'h', 1, '{}', ?, ?)
            """,
            id,
            state,
            at));
  }

  private List<String> ids(String table) {
    return store.read(
        read -> read.all("select id from " + table + " order by id", row -> row.text("id")));
  }

  private long count(String table) {
    return store.read(read -> read.count("select count(*) n from " + table));
  }
}

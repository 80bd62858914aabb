package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.SomeHomes;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.RunnerState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other regions change for the pools and jobs of this one. */
class RegionalPoolTest {
  @TempDir private Path folder;
  private FleetFixture fleet;
  private final SomeHomes homes = new SomeHomes();

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
    fleet.regions(homes);
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void aPoolsWarmMachinesAreKeptByOneRegionAlone() {
    homes.keeps = false;
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.run();
    assertThat(fleet.cloud.launchCalls()).isZero();
    fleet.queued(1);
    assertThat(fleet.cloud.machines()).as("its own jobs are served all the same").hasSize(1);
  }

  @Test
  void nothingIsLaunchedBeforeItIsKnownWhatOthersDid() {
    homes.hold = Optional.of("it is read anew what other regions did");
    fleet.configure(FleetFixture.SPEC, 2, 5);
    fleet.queued(1);
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.cloud.launchCalls()).isZero();
    homes.hold = Optional.empty();
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.cloud.machines()).hasSize(3);
  }

  @Test
  void aJobOfAnotherRegionIsRecordedAndServedThere() {
    homes.elsewhere.add(1L);
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.queued(1);
    fleet.pass(Duration.ofMinutes(2));
    assertThat(fleet.cloud.launchCalls()).isZero();
    assertThat(fleet.jobState(1)).isEqualTo(JobState.QUEUED);
    List<Job> waiting = fleet.store.read(read -> JobStore.in(read, JobState.QUEUED, 10));
    assertThat(waiting).as("it is none of those that wait here").isEmpty();
    List<TimelineEntry> timeline = fleet.store.read(read -> JobStore.timeline(read, new JobId(1)));
    assertThat(timeline).anySatisfy(line -> assertThat(line.detail()).contains("eu-central-1"));
    fleet.completed(1, "a runner there", "success");
    assertThat(fleet.jobState(1)).isEqualTo(JobState.COMPLETED);
    assertThat(fleet.runners(RunnerState.PLANNED)).isEmpty();
  }
}

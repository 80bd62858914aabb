package dev.muster.fleet.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.store.StoreFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobStoreTest {
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
  void oldJobsGoInStepsWithWhatIsTheirs() {
    for (long id = 1; id <= 5; id++) {
      job(id, OLD, completed(OLD));
      JobId reported = new JobId(id);
      store.run(tx -> JobReports.settle(tx, reported, "said", OLD));
    }
    assertThat(remove(3)).isEqualTo(3);
    assertThat(left()).hasSize(2);
    assertThat(remove(3)).isEqualTo(2);
    assertThat(remove(3)).isZero();
    assertThat(left()).isEmpty();
    for (String table : List.of("job_event", "job_report")) {
      assertThat(store.<Long>read(read -> read.count("select count(*) n from " + table)))
          .as(table)
          .isZero();
    }
  }

  @Test
  void rejectedOnesThatNeverEndedGoByTheirBeginning() {
    job(1, OLD, new JobEvent.Rejected("no such runner"));
    job(2, YOUNG, new JobEvent.Rejected("no such runner"));
    assertThat(remove(10)).isEqualTo(1);
    assertThat(left()).containsExactly(2L);
  }

  @Test
  void stepIsNoLargerForJobsOfBothKinds() {
    job(1, OLD, completed(OLD));
    job(2, OLD, completed(OLD));
    job(3, OLD, new JobEvent.Rejected("no such runner"));
    job(4, OLD, new JobEvent.Rejected("no such runner"));
    assertThat(remove(3)).isEqualTo(3);
    assertThat(remove(3)).isEqualTo(1);
  }

  @Test
  void jobsThatAreYoungOrNotOverStay() {
    job(1, OLD, completed(YOUNG));
    job(2, OLD, new JobEvent.Started(OLD, Optional.empty(), "theirs"));
    job(3, OLD, new JobEvent.Queued(OLD));
    job(4, YOUNG, completed(YOUNG));
    assertThat(remove(10)).isZero();
    assertThat(left()).containsExactly(1L, 2L, 3L, 4L);
  }

  private static JobEvent completed(Instant at) {
    return new JobEvent.Completed(at, "success", Optional.empty());
  }

  private void job(long id, Instant createdAt, JobEvent last) {
    JobFacts facts =
        new JobFacts(
            new JobId(id),
            1,
            1,
            "acme/hello",
            "build",
            Optional.empty(),
            List.of("muster"),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            true,
            createdAt);
    store.run(tx -> {
      JobStore.apply(tx, facts, new JobEvent.Queued(createdAt), createdAt, Optional.empty());
      JobStore.apply(tx, facts.id(), last, createdAt);
    });
  }

  private int remove(int limit) {
    return store.write(tx -> JobStore.remove(tx, BEFORE, limit));
  }

  private List<Long> left() {
    return store.read(read -> read.all("select id from job order by id", row -> row.number("id")));
  }
}

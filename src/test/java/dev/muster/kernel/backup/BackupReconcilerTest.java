package dev.muster.kernel.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.home.FileTrees;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupReconcilerTest {
  private static final Outcome AGAIN_IN_AN_HOUR = new Outcome.RequeueAfter(Duration.ofHours(1));

  private final VirtualTime time = new VirtualTime("2026-03-04T00:00:00Z");
  private final AuditLog audit = new AuditLog(time);

  @TempDir private Path folder;
  private Home home;
  private Backups backups;
  private Database database;
  private Writer writer;
  private BackupReconciler reconciler;

  @BeforeEach
  void open() throws IOException {
    home = new Home(folder.resolve("home"));
    home.create();
    backups = new Backups(home, time);
    database = Database.open(home.data(), existing -> {});
    writer = new Writer(database, audit);
    writer.start();
    reconciler = new BackupReconciler(database, writer, time, backups);
  }

  @AfterEach
  void close() {
    writer.close();
    database.close();
  }

  private void record(String what) {
    writer.run(
        Priority.RECONCILE, tx -> audit.add(tx, Actor.MUSTER, "test.recorded", what, "a detail"));
  }

  /** An hour later. */
  private void visit() {
    time.pass(Duration.ofHours(1));
    assertThat(reconciler.reconcile(BackupReconciler.KEY.name(), Optional.empty()))
        .isEqualTo(AGAIN_IN_AN_HOUR);
  }

  private List<String> names() throws IOException {
    return backups.newestFirst().stream().map(b -> b.getFileName().toString()).toList();
  }

  private Home extracted(Path backup) throws IOException {
    Home elsewhere = new Home(folder.resolve("elsewhere"));
    FileTrees.delete(elsewhere.root());
    BackupArchive.extract(backup, elsewhere);
    return elsewhere;
  }

  private static long recorded(Home home) {
    try (Database restored = Database.open(home.data(), existing -> {})) {
      return restored.read(read -> read.count("select count(*) n from audit_entry"));
    }
  }

  @Test
  void hourInWhichSomethingWasRecordedIsBackedUpAndAnIdleOneIsNot() throws Exception {
    record("first");
    visit();
    assertThat(names()).containsExactly("muster-20260304T010000.000Z.zip");
    visit();
    visit();
    assertThat(names()).as("nothing was recorded").hasSize(1);
    record("second");
    visit();
    assertThat(names())
        .containsExactly("muster-20260304T040000.000Z.zip", "muster-20260304T010000.000Z.zip");
    assertThat(recorded(extracted(backups.newestFirst().getFirst()))).isEqualTo(2);
    assertThat(recorded(extracted(backups.newestFirst().getLast()))).isEqualTo(1);
  }

  @Test
  void appliancesOwnClockworkIsNoChange() throws Exception {
    visit();
    int first = names().size();
    writer.run(
        Priority.RECONCILE,
        tx ->
            tx.update(
                "insert into work_queue (kind, name, due_at, generation, attempts) values ('x', 'y', now(), 1, 0)"));
    visit();
    assertThat(names()).hasSize(first);
  }

  @Test
  void newestTwentyFourAreKept() throws Exception {
    for (int hour = 1; hour <= 26; hour++) {
      record("in hour " + hour);
      visit();
    }
    assertThat(names())
        .hasSize(24)
        .startsWith("muster-20260305T020000.000Z.zip")
        .endsWith("muster-20260304T030000.000Z.zip");
    try (var left = Files.list(home.backups())) {
      assertThat(left).as("nothing half made is left").hasSize(24);
    }
  }

  @Test
  void embeddedConfigRepositoryIsInIt() throws Exception {
    Path reference = home.configRepository().resolve("refs").resolve("heads").resolve("main");
    Files.createDirectories(reference.getParent());
    Files.writeString(reference, "07".repeat(20));
    Files.writeString(home.configRepository().resolve("HEAD"), "ref: refs/heads/main\n");
    record("a push");
    visit();
    Home restored = extracted(backups.newestFirst().getFirst());
    assertThat(restored.configRepository().resolve("refs/heads/main")).hasContent("07".repeat(20));
    assertThat(restored.configRepository().resolve("HEAD")).hasContent("ref: refs/heads/main");
  }

  @Test
  void failureIsSaidAndTriedAgainAndSettledByTheNextThatSucceeds() throws Exception {
    Files.writeString(home.backups(), "a file where the folder should be");
    record("something");
    visit();
    assertThat(database.read(Notices::all))
        .singleElement()
        .satisfies(notice ->
            assertThat(notice.message())
                .contains("hourly backup failed")
                .contains("check the disk"));
    Files.delete(home.backups());
    visit();
    assertThat(names()).hasSize(1);
    assertThat(database.read(Notices::all)).isEmpty();
  }
}

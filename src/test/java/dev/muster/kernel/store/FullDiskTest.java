package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fixture.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of a few megabytes, which only root may mount. */
@Timeout(60)
class FullDiskTest {
  @TempDir private Path folder;
  private Optional<SmallDisk> disk = Optional.empty();

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.mount(folder, 12);
    assumeTrue(disk.isPresent(), "Mounting a small tmpfs takes root and CAP_SYS_ADMIN");
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk.isPresent()) {
      disk.get().close();
    }
  }

  @Test
  void refusesWhileFullLosesNothingAndRecoversByItself() throws Exception {
    try (StoreFixture store = StoreFixture.open(folder)) {
      store.run(tx -> tx.update("create table filler (id int primary key, content varbinary)"));
      Path ballast = disk.orElseThrow().fill();
      int acknowledged = 0;
      boolean refused = false;
      Random random = new Random(1);
      while (!refused) {
        byte[] content = new byte[64 << 10];
        random.nextBytes(content);
        int id = acknowledged;
        try {
          store.run(tx -> tx.update("insert into filler values (?, ?)", id, content));
          acknowledged++;
        } catch (StoreUnavailableException e) {
          refused = true;
        }
        assertThat(acknowledged).as("the disk is full some time").isLessThan(1_000);
      }
      assertThat(store.writer().failing()).isTrue();
      for (int i = 0; i < 3; i++) {
        int id = 10_000 + i;
        assertThatExceptionOfType(StoreUnavailableException.class)
            .as("still full")
            .isThrownBy(() ->
                store.run(tx -> tx.update("insert into filler values (?, ?)", id, new byte[1])));
      }

      Files.delete(ballast);
      store.run(tx -> tx.update("insert into filler values (?, ?)", 20_000, new byte[1]));

      assertThat(store.writer().failing()).isFalse();
      assertThat(
              store.<Long>read(
                  read -> read.count("select count(*) n from filler where id < 10000")))
          .isGreaterThanOrEqualTo(acknowledged);
      assertThat(
              store.<Long>read(
                  read -> read.count("select count(*) n from filler where id = 20000")))
          .isEqualTo(1);
    }
    try (StoreFixture reopened = StoreFixture.open(folder)) {
      assertThat(
              reopened.<Long>read(
                  read -> read.count("select count(*) n from filler where id = 20000")))
          .isEqualTo(1);
    }
  }
}

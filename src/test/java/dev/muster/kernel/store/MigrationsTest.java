package dev.muster.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.Test;

class MigrationsTest {
  @Test
  void newestMigrationIsTheOneThatAStartLooksFor() throws Exception {
    try (var files = Files.list(Path.of("main/resources/db/migration"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString().replaceAll("V([0-9]+)__.*", "$1"))
                  .max(Comparator.comparingInt(Integer::parseInt)))
          .contains(Database.NEWEST);
    }
  }
}

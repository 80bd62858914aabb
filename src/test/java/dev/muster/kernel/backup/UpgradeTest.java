package dev.muster.kernel.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.OldSchema;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a start of this version does with a database that an earlier one wrote. */
class UpgradeTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
  private static final String AT = "timestamp with time zone '2026-01-02 03:04:05+00'";

  /** Rows as the first version wrote them, in every table that a later one changes. */
  private static final String[] ROWS = {
    "insert into fact values ('what', 'kept')",
    "insert into token (id, name, role, hash, created_at) values ('t1', 'ci', 'push', x'"
        + "07".repeat(32)
        + "', "
        + AT
        + ")",
    """
    insert into delivery
      (batch, place, source, delivery_id, event, body_hash, payload, size, received_at)
    values (1, 0, 'github', 'delivery-1', 'ping', x'%s', x'0708', 2, %s)
    """
        .formatted("07".repeat(32), AT),
    """
    insert into job (id, run_id, run_attempt, repository, name, labels, state, attempts,
      private_repository, created_at, version)
    values (7, 1, 1, 'acme/api', 'build', '[]', 'COMPLETED', 1, true, %s, 3)
    """
        .formatted(AT),
    """
    insert into launch (id, pool, provider, region, spec_hash, count, request, state, created_at)
    values ('launch-1', 'default', 'local', 'local', 'abc', 1, '{}', 'ANSWERED', %s)
    """
        .formatted(AT),
    """
    insert into runner (id, launch, pool, provider, environment, region, spec, spec_hash,
      instance, state, since, report_sequence, created_at, version)
    values ('r1', 'launch-1', 'default', 'local', 'default', 'local', 'here', 'abc', 'i-1', 'READY',
      %s, 0, %s, 1)
    """
        .formatted(AT, AT),
    "insert into registration (name, runner, scope, created_at) values ('n1', 'r1', 'acme/api', "
        + AT
        + ")",
  };

  private static final List<String> TABLES =
      List.of("fact", "token", "delivery", "job", "launch", "runner", "registration");

  /** All that H2 says of our schema, whatever the order in which it came to be. */
  private static final String SCHEMA =
      """
      select listagg(line, chr(10)) within group (order by line) from (
        select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
            || coalesce(column_default, '') line
          from information_schema.columns where table_schema = 'PUBLIC'
        union all
        select table_name || ' index ' || column_name || ' ' || ordinal_position || ' ' || is_unique
            || case when index_name like 'PRIMARY_KEY%' or index_name like 'CONSTRAINT%' then ''
              else ' ' || index_name end
          from information_schema.index_columns where table_schema = 'PUBLIC')
      """;

  @TempDir private Path folder;

  static Stream<String> versions() {
    return Stream.of("1", String.valueOf(Integer.parseInt(Database.NEWEST) - 1));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void databaseIsBackedUpAsItIsAndThenMigratedWithAllItsRows(String version) throws Exception {
    Home home = new Home(folder.resolve("home"));
    home.create();
    OldSchema.make(home.data(), version, ROWS);
    Backups backups = new Backups(home, () -> NOW);

    try (Recovery.Opened opened = new Recovery(home, backups, () -> NOW).open()) {
      assertThat(opened.loss()).isEmpty();
      assertThat(opened.database().<Object>read(read -> Facts.get(read, "what").orElseThrow()))
          .isEqualTo("kept");
    }

    assertThat(OldSchema.version(home.data())).isEqualTo(Database.NEWEST);
    for (String table : TABLES) {
      assertThat(OldSchema.text(home.data(), "select count(*) from " + table))
          .as(table)
          .isEqualTo("1");
    }
    assertThat(OldSchema.text(home.data(), "select rawtohex(payload) from delivery"))
        .isEqualTo("0708");
    assertThat(OldSchema.text(home.data(), "select costed from runner")).isEqualTo("FALSE");
    assertThat(OldSchema.text(home.data(), "select epoch from job")).isEqualTo("0");
    assertThat(OldSchema.text(home.data(), "select environment from token")).isNull();

    assertThat(backups.newestFirst()).hasSize(1);
    Path backup = backups.newestFirst().getFirst();
    assertThat(backup.getFileName().toString())
        .endsWith("-before-schema-" + Database.NEWEST + ".zip");
    Home before = new Home(folder.resolve("before"));
    BackupArchive.extract(backup, before);
    assertThat(OldSchema.version(before.data())).isEqualTo(version);
    assertThat(OldSchema.text(before.data(), "select content from fact")).isEqualTo("kept");
  }

  @ParameterizedTest
  @MethodSource("versions")
  void schemaIsTheOneOfANewDatabase(String version) throws SQLException {
    Path migrated = folder.resolve("migrated");
    OldSchema.make(migrated, version, ROWS);
    Database.open(migrated, existing -> {}).close();
    Path made = folder.resolve("made");
    Database.open(made, existing -> {}).close();
    assertThat(OldSchema.text(migrated, SCHEMA))
        .isEqualTo(OldSchema.text(made, SCHEMA))
        .contains("RUNNER_MADE");
  }

  @Test
  void nothingIsBackedUpWhereNothingIsMigrated() throws Exception {
    Home home = new Home(folder.resolve("home"));
    home.create();
    Backups backups = new Backups(home, () -> NOW);
    Recovery recovery = new Recovery(home, backups, () -> NOW);
    recovery.open().close();
    recovery.open().close();
    assertThat(backups.newestFirst()).isEmpty();
  }
}

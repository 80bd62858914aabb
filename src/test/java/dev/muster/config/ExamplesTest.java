package dev.muster.config;

import static dev.muster.config.Configs.accepted;
import static dev.muster.config.Configs.load;
import static dev.muster.config.Configs.problems;
import static dev.muster.config.Configs.repository;
import static dev.muster.config.Configs.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
  static Stream<Path> examples() throws IOException {
    try (Stream<Path> folders = Files.list(repository("config-examples"))) {
      return folders
          .filter(Files::isDirectory)
          .filter(folder -> !folder.endsWith("observability")) // no config; see ObservabilityTest
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleLoadsWithoutProblems(Path example) throws IOException {
    LoadResult result = load(tree(example));
    assertThat(problems(result)).isEmpty();
    assertThat(accepted(result).get(FleetSpec.class).pools()).isNotEmpty();
  }

  @Test
  void originalKeepsItsMeaning() throws IOException {
    FleetSpec fleet =
        accepted(load(tree(repository("config-examples/runs-fleet-original"))))
            .get(FleetSpec.class);

    PoolSpec first = fleet.pool("default").orElseThrow();
    assertThat(first.runner().name()).isEqualTo("t4g.medium");
    assertThat(first.runner().instanceTypes()).containsExactly("t4g.medium");
    assertThat(first.runner().arch()).isEqualTo(Arch.ARM64);
    assertThat(first.environment()).isEqualTo("default");
    assertThat(first.region()).isEqualTo("local");
    assertThat(first.max()).isEqualTo(500);
    assertThat(first.idleTimeout()).isEqualTo(Duration.ofMinutes(30));
    assertThat(first.schedules().getLast().days()).hasSize(7);
    assertThat(first.schedules().getLast().start()).isEqualTo(LocalTime.of(18, 0));
    assertThat(first.schedules().getLast().end()).isEqualTo(LocalTime.of(8, 0));

    assertThat(fleet.pool("prod").orElseThrow().environment()).isEqualTo("prod");
    assertThat(fleet.environment("prod")).isPresent();
    assertThat(fleet.runner("c7g.xlarge")).isPresent();
  }
}

package dev.muster.cli;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the guides say is done, in their order, and what they show is seen. */
@Timeout(180)
class GuidesIT {
  @TempDir private Path folder;

  static List<Path> guides() throws IOException {
    return Guide.all();
  }

  @ParameterizedTest
  @MethodSource("guides")
  void whatAGuideSaysIsTrue(Path file) throws Exception {
    assumeFalse(
        Files.isWritable(Home.SYSTEM), "the appliance that is installed here would be used");
    Guide guide = Guide.read(file);
    try (GuideReader reader = new GuideReader(folder)) {
      if (file.endsWith("operating.md")) {
        reader.haveConfigAndGitHub();
      }
      for (Guide.Block block : guide.blocks()) {
        if (block.run()) {
          reader.follow(file.getFileName() + ":" + block.line(), block);
        }
      }
    }
  }
}

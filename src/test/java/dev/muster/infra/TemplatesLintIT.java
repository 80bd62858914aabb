package dev.muster.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the examples' templates are to those who know CloudFormation: cfn-lint has no objection. */
class TemplatesLintIT {
  /** Where {@code .ci/checks templates} looks. */
  private static final Path FOLDER = Path.of("target/templates");

  private static final int NOT_CHECKED = 77;

  @Test
  void everyTemplateOfEveryExampleIsAccepted() throws Exception {
    Files.createDirectories(FOLDER);
    int written = 0;
    for (Path example : TemplatesTest.examples().toList()) {
      for (Template template : Templates.of(TemplatesTest.fleet(example))) {
        for (Template.Format format : Template.Format.values()) {
          String name = example.getFileName() + "-" + template.name() + "." + format.extension();
          Files.writeString(FOLDER.resolve(name), template.text(format));
          written++;
        }
      }
    }
    assertThat(written).isGreaterThan(10);
    Said said = checks();
    System.out.println(said.text());
    assumeFalse(said.exitCode() == NOT_CHECKED, said.text());
    assertThat(said.exitCode()).as(said.text()).isZero();
    Path wrong = FOLDER.resolve("wrong.yaml");
    Files.writeString(
        wrong,
        Files.readString(FOLDER.resolve("regions-eu-west-1.yaml"))
            .replace("IntegrationSubtype", "IntegrationSubtipe"));
    try {
      assertThat(checks().exitCode()).as("one with a mistake").isEqualTo(1);
    } finally {
      Files.delete(wrong);
    }
  }

  private record Said(int exitCode, String text) {}

  private static Said checks() throws Exception {
    Process process =
        new ProcessBuilder(List.of("../.ci/checks", "templates")).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text.strip());
  }
}

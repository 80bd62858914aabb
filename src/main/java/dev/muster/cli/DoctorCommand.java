package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.kernel.notice.Finding;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code muster doctor}. */
@Command(
    name = "doctor",
    description = "Checks what the appliance needs; each line says how to mend.")
final class DoctorCommand implements Callable<Integer> {
  private final World world;
  @Mixin private HomeOption home = new HomeOption();

  DoctorCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode answer = ApplianceClient.of(home.home(world)).get("/checks");
    boolean well = true;
    for (JsonNode check : answer.path("checks")) {
      boolean ok = check.path("ok").asBoolean();
      well &= ok;
      Optional<String> mend =
          Optional.of(check.path("mend")).filter(JsonNode::isTextual).map(JsonNode::asText);
      Findings.print(
          world.out(),
          new Finding(check.path("check").asText(), ok, check.path("detail").asText(), mend));
    }
    return well ? 0 : Failure.NO;
  }
}

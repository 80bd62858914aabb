package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
      String mend = check.path("mend").asText("");
      boolean warned = ok && !mend.isEmpty() && !mend.equals("null");
      world
          .out()
          .println(
              (warned ? "WARN  " : ok ? "ok    " : "ILL   ")
                  + check.path("check").asText()
                  + ": "
                  + check.path("detail").asText());
      if (!ok || warned) {
        world.out().println("      " + mend);
      }
    }
    return well ? 0 : Failure.NO;
  }
}

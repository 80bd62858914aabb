package dev.muster.agent.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Answer to {@code GET /agent/v1/poll}: the one thing to do now, told apart by {@code type}. */
public sealed interface Instruction extends Message {

  /**
   * Run one job and report to the end.
   *
   * @param job the job in the appliance's records (GitHub's id, as text)
   * @param name the runner's name at GitHub
   * @param jit GitHub's JIT configuration, given to the command in {@code
   *     ACTIONS_RUNNER_INPUT_JITCONFIG}
   * @param command the command and its arguments; never empty
   * @param environment further variables for the command only
   * @param maxRuntime after this the whole process group is ended; {@code maxRuntimeSeconds}
   * @param reportToken the bearer credential for reports from now on, and for nothing else
   */
  record Assign(
      String job,
      String name,
      Secret jit,
      List<String> command,
      Map<String, String> environment,
      Duration maxRuntime,
      Secret reportToken)
      implements Instruction {
    public Assign {
      Bounds.id("job", job);
      Bounds.id("name", name);
      Bounds.text("jit", jit.value(), Bounds.DOCUMENT);
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
      Bounds.command(command);
      Bounds.environment(environment);
      Bounds.seconds("maxRuntimeSeconds", maxRuntime, Duration.ofDays(7));
      Bounds.credential("reportToken", reportToken);
    }

    /** Leaves out the environment's values, which may be credentials. */
    @Override
    public String toString() {
      return "Assign[job=%s, name=%s, command=%s, environment=%s, maxRuntime=%s]"
          .formatted(job, name, command, environment.keySet(), maxRuntime);
    }

    static Assign from(Fields fields) {
      return new Assign(
          fields.string("job"),
          fields.string("name"),
          fields.secret("jit"),
          fields.strings("command"),
          fields.stringMap("environment"),
          fields.seconds("maxRuntimeSeconds"),
          fields.secret("reportToken"));
    }

    Map<String, Object> toWire() {
      return new WireObject()
          .put("type", "assign")
          .put("job", job)
          .put("name", name)
          .put("jit", jit.value())
          .put("command", command)
          .put("environment", environment)
          .put("maxRuntimeSeconds", maxRuntime.toSeconds())
          .put("reportToken", reportToken.value())
          .toMap();
    }
  }

  /**
   * End now; there is nothing more to do for this machine.
   *
   * @param reason in words, for the agent's log
   */
  record Stop(String reason) implements Instruction {
    public Stop {
      Bounds.text("reason", reason, Bounds.LINE);
    }

    static Stop from(Fields fields) {
      return new Stop(fields.string("reason"));
    }

    Map<String, Object> toWire() {
      return new WireObject().put("type", "stop").put("reason", reason).toMap();
    }
  }

  /** A {@code type} that is not known is malformed: an agent cannot skip what it was told to do. */
  static Instruction from(Fields fields) {
    String type = fields.string("type");
    return switch (type) {
      case "assign" -> Assign.from(fields);
      case "stop" -> Stop.from(fields);
      default ->
          throw new MalformedMessage(
              "instruction of type '%s' is not known to this agent; update the agent"
                  .formatted(type));
    };
  }
}

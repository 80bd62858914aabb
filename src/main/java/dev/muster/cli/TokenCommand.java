package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster token}; works on a stopped appliance too. */
@Command(
    name = "token",
    description = "Tokens: admin (everything), push (the config), read (status, cloning).",
    synopsisSubcommandLabel = "(create | list | revoke)")
final class TokenCommand {
  private static final Actor COMMAND_LINE = new Actor("token", "command line");

  private final World world;

  TokenCommand(World world) {
    this.world = world;
  }

  Object create() {
    return new Create();
  }

  Object list() {
    return new ListAll();
  }

  Object revoke() {
    return new Revoke();
  }

  /** {@code muster token create}. */
  @Command(name = "create", description = "Makes a token; its value is shown this once.")
  final class Create implements Callable<Integer> {
    @Mixin private HomeOption home = new HomeOption();

    @Option(
        names = "--role",
        defaultValue = "read",
        description = "admin, push or read; default read.")
    private Role role = Role.READ;

    @Option(
        names = "--environment",
        description = "Good for this environment alone; of role admin or read.")
    private @Nullable String environment;

    @Parameters(paramLabel = "NAME", description = "Who or what it is for.")
    private String name = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      if (environment != null && role == Role.PUSH) {
        throw new Failure(
            Failure.UNUSABLE,
            "a push concerns every environment; with --environment the role is admin or read");
      }
      Home folder = home.home(world);
      Optional<ApplianceClient> appliance = ApplianceClient.find(folder);
      if (appliance.isPresent()) {
        Map<String, String> wish = new TreeMap<>(Map.of("name", name, "role", role.word()));
        of().ifPresent(e -> wish.put("environment", e));
        JsonNode made = appliance.get().post("/tokens", wish);
        say(made.path("id").asText(), made.path("token").asText());
        return 0;
      }
      Instant now = world.clock().instant();
      try (StoppedAppliance stopped = StoppedAppliance.open(folder, world.clock())) {
        Tokens.Created made =
            stopped.writer().write(Priority.ACKNOWLEDGE, tx -> create(tx, stopped.audit(), now));
        say(made.id(), made.value());
      }
      return 0;
    }

    private Tokens.Created create(Tx tx, AuditLog audit, Instant now) {
      Tokens.Created made = new Tokens().create(tx, name, role, of(), now);
      String what = role.word() + of().map(e -> " of " + e).orElse("") + " " + name;
      audit.add(tx, COMMAND_LINE, "token.created", made.id(), what);
      return made;
    }

    private Optional<String> of() {
      return Optional.ofNullable(environment);
    }

    private void say(String id, String token) {
      world.out().println(token);
      world
          .err()
          .println(
              "Token %s for %s, role %s%s; shown this once"
                  .formatted(
                      id, name, role.word(), of().map(e -> ", environment " + e).orElse("")));
    }
  }

  /** {@code muster token list}. */
  @Command(name = "list", description = "Lists tokens; their values are stored nowhere.")
  final class ListAll implements Callable<Integer> {
    @Mixin private HomeOption home = new HomeOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
      Home folder = home.home(world);
      Optional<ApplianceClient> appliance = ApplianceClient.find(folder);
      List<List<String>> rows = new ArrayList<>();
      if (appliance.isPresent()) {
        for (JsonNode t : appliance.get().get("/tokens").path("tokens")) {
          rows.add(
              List.of(
                  t.path("id").asText(),
                  t.path("role").asText(),
                  t.path("environment").isTextual() ? t.path("environment").asText() : "all",
                  t.path("name").asText(),
                  t.path("created_at").asText(),
                  t.path("revoked_at").isTextual() ? t.path("revoked_at").asText() : ""));
        }
      } else {
        try (StoppedAppliance stopped = StoppedAppliance.open(folder, world.clock())) {
          for (Tokens.Listed t : stopped.database().read(Tokens::list)) {
            rows.add(
                List.of(
                    t.id(),
                    t.role().word(),
                    t.environment().orElse("all"),
                    t.name(),
                    t.createdAt().toString(),
                    t.revokedAt().map(Instant::toString).orElse("")));
          }
        }
      }
      Tables.print(
          world.out(), List.of("ID", "ROLE", "ENVIRONMENT", "NAME", "CREATED", "REVOKED"), rows);
      return 0;
    }
  }

  /** {@code muster token revoke}. */
  @Command(name = "revoke", description = "Ends a token for good.")
  final class Revoke implements Callable<Integer> {
    @Mixin private HomeOption home = new HomeOption();

    @Parameters(paramLabel = "ID", description = "As token list shows it.")
    private String id = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      Home folder = home.home(world);
      Optional<ApplianceClient> appliance = ApplianceClient.find(folder);
      if (appliance.isPresent()) {
        appliance.get().delete("/tokens/" + id);
        return 0;
      }
      Instant now = world.clock().instant();
      try (StoppedAppliance stopped = StoppedAppliance.open(folder, world.clock())) {
        boolean revoked =
            stopped.writer().write(Priority.ACKNOWLEDGE, tx -> revoke(tx, stopped.audit(), now));
        if (!revoked) {
          throw new Failure(Failure.NO, "There is no good token with the id " + id);
        }
      }
      return 0;
    }

    private boolean revoke(Tx tx, AuditLog audit, Instant now) {
      boolean was = Tokens.revoke(tx, id, now);
      if (was) {
        audit.add(tx, COMMAND_LINE, "token.revoked", id, "");
      }
      return was;
    }
  }
}

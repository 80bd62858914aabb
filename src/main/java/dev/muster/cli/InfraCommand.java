package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.Appliance;
import dev.muster.config.ConfigTree;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.Revision;
import dev.muster.config.Snapshot;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.infra.InfraNames;
import dev.muster.infra.Template;
import dev.muster.infra.Templates;
import dev.muster.infra.aws.InfraCheck;
import dev.muster.infra.aws.Unreachable;
import dev.muster.kernel.notice.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster infra}. */
@Command(
    name = "infra",
    description = "What the config needs in AWS besides machines: tables, queues, buckets, roles.",
    synopsisSubcommandLabel = "(template | check)")
final class InfraCommand {
  /** Which config, and what of it. */
  static final class Subject {
    @Mixin private HomeOption home = new HomeOption();

    @Parameters(
        arity = "0..1",
        paramLabel = "PATH",
        description = "A config tree or file; without it the running appliance's config.")
    private @Nullable Path path;

    @Option(names = "--environment", description = "Of this environment alone.")
    private @Nullable String environment;

    @Option(names = "--region", description = "Of this region alone.")
    private @Nullable String region;

    /** Empty where there are problems, which were told. */
    @Nullable FleetSpec fleet(World world) throws IOException, InterruptedException {
      Path given = path;
      ConfigTree tree =
          given == null ? running(world) : ConfigFiles.read(world.working().resolve(given));
      String source = given == null ? "the appliance" : given.toString();
      Revision revision = new Revision("worktree", source, "", "", world.clock().instant());
      return switch (Appliance.configLoader().load(revision, tree)) {
        case LoadResult.Accepted(Snapshot snapshot, List<Problem> warnings) -> {
          FleetSpec fleet = snapshot.get(FleetSpec.class);
          requireKnown(fleet);
          yield fleet;
        }
        case LoadResult.Rejected(Revision r, List<Problem> problems) -> {
          problems.forEach(world.err()::println);
          yield null;
        }
      };
    }

    private ConfigTree running(World world) throws IOException, InterruptedException {
      JsonNode files = ApplianceClient.of(home.home(world)).get("/config/files").path("files");
      TreeMap<String, byte[]> tree = new TreeMap<>();
      files
          .properties()
          .forEach(file ->
              tree.put(file.getKey(), file.getValue().asText().getBytes(StandardCharsets.UTF_8)));
      return new ConfigTree(tree);
    }

    private void requireKnown(FleetSpec fleet) {
      String wanted = environment;
      if (wanted != null && fleet.environment(wanted).isEmpty()) {
        throw new Failure(
            Failure.UNUSABLE,
            "the config has no environment '%s'; it has %s"
                .formatted(
                    wanted, String.join(", ", new TreeMap<>(fleet.environments()).keySet())));
      }
      String place = region;
      List<String> regions = InfraNames.regions(fleet);
      if (place != null && !regions.contains(place)) {
        throw new Failure(
            Failure.UNUSABLE,
            "the config has no region '%s' of AWS; it has %s"
                .formatted(place, regions.isEmpty() ? "none" : String.join(", ", regions)));
      }
    }

    boolean wants(Template template) {
      return (environment == null || template.environment().filter(environment::equals).isPresent())
          && (region == null || template.region().equals(region));
    }
  }

  /** {@code muster infra check}. */
  @Command(
      name = "check",
      description = {
        "Compares what is there in AWS with what the config needs, names each difference and each"
            + " missing permission, and changes nothing.",
        "It asks with the AWS credentials of whoever runs it: on the appliance's machine its own.",
        "Exits 0 all is as needed, 1 something is not, 2 unreadable, 3 AWS or the appliance cannot"
            + " be reached."
      })
  static final class CheckCommand implements Callable<Integer> {
    private final World world;
    @Mixin private Subject subject = new Subject();

    CheckCommand(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      FleetSpec fleet = subject.fleet(world);
      if (fleet == null) {
        return Failure.NO;
      }
      List<Template> templates = Templates.of(fleet).stream().filter(subject::wants).toList();
      if (templates.isEmpty()) {
        world.out().println("This config needs nothing of AWS there.");
        return 0;
      }
      boolean well = true;
      try (InfraCheck check = new InfraCheck(fleet)) {
        for (Template template : templates) {
          List<Finding> findings =
              template
                  .environment()
                  .map(environment -> check.environment(environment, template.region()))
                  .orElseGet(() -> check.region(template.region()));
          findings.forEach(finding -> Findings.print(world.out(), finding));
          well &= findings.stream().allMatch(Finding::ok);
        }
      } catch (Unreachable e) {
        throw new Failure(Failure.UNREACHABLE, String.valueOf(e.getMessage()));
      }
      return well ? 0 : Failure.NO;
    }
  }

  /** {@code muster infra template}. */
  @Command(
      name = "template",
      description = {
        "Writes the CloudFormation that a config needs: one template for what the appliances of a"
            + " region share, named as the region, and one for each environment and region.",
        "With --output all of them, each into its file; else the one that --environment and"
            + " --region choose, on stdout."
      })
  static final class TemplateCommand implements Callable<Integer> {
    private final World world;
    @Mixin private Subject subject = new Subject();

    @Option(
        names = "--format",
        defaultValue = "yaml",
        description = "${COMPLETION-CANDIDATES}; default yaml.")
    private Template.Format format = Template.Format.YAML;

    @Option(names = "--output", paramLabel = "DIR", description = "The folder for the files.")
    private @Nullable Path output;

    TemplateCommand(World world) {
      this.world = world;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      FleetSpec fleet = subject.fleet(world);
      if (fleet == null) {
        return Failure.NO;
      }
      List<Template> templates = Templates.of(fleet).stream().filter(subject::wants).toList();
      if (templates.isEmpty()) {
        throw new Failure(
            Failure.NO,
            "this config needs nothing of AWS there: its environments name neither regions of AWS"
                + " nor tables, buckets or budgets");
      }
      Path folder = output;
      if (folder != null) {
        write(world.working().resolve(folder), templates);
        return 0;
      }
      world.out().print(one(templates).text(format));
      return 0;
    }

    /** Of a region alone that is what its appliances share. */
    private Template one(List<Template> templates) {
      List<Template> shared = templates.stream().filter(t -> t.environment().isEmpty()).toList();
      List<Template> choice =
          subject.region != null && subject.environment == null && shared.size() == 1
              ? shared
              : templates;
      if (choice.size() > 1) {
        throw new Failure(
            Failure.UNUSABLE,
            "there are several templates (%s); choose by --environment and --region, or write all with --output DIR"
                .formatted(
                    templates.stream().map(Template::name).collect(Collectors.joining(", "))));
      }
      return choice.getFirst();
    }

    private void write(Path folder, List<Template> templates) throws IOException {
      Files.createDirectories(folder);
      for (Template template : templates) {
        Path file = folder.resolve(template.name() + "." + format.extension());
        Files.writeString(file, template.text(format));
        world.out().println(file);
      }
    }
  }
}

package dev.muster.cli;

import dev.muster.Appliance;
import dev.muster.Surroundings;
import dev.muster.cli.tools.GitClient;
import dev.muster.cli.tools.LocalRunners;
import dev.muster.cli.tools.TemporaryFolders;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.store.Read;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code muster try}: the main job on this machine, with a stand-in for GitHub. */
@Command(
    name = "try",
    description = {
      "Shows the main job on this machine with nothing configured.",
      "A config is pushed with git, a signed webhook arrives, a runner runs the job. GitHub is a"
          + " stand-in (sandbox)."
    })
final class TryCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final String REPOSITORY = "acme/hello";

  /** More than are launched for one job. */
  private static final int RUNNERS = 10;

  private final World world;

  @Option(names = "--once", description = "Exits 0 when the job has completed, 1 when it has not.")
  private boolean once;

  @Option(
      names = "--port-base",
      paramLabel = "N",
      description = "Public listener at N, admin at N+1, sandbox at N+2; default: free ports.")
  private int portBase;

  TryCommand(World world) {
    this.world = world;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (portBase < 0 || portBase > 65_533) {
      throw new Failure(Failure.UNUSABLE, "--port-base is from 1 to 65533, not " + portBase);
    }
    Logging.configure(Level.WARNING, false);
    Path folder = Files.createTempDirectory("muster-try-");
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = new Thread(() -> end(stop, stopped), "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return run(folder, stop);
    } finally {
      LocalRunners.end(folder);
      TemporaryFolders.delete(folder);
      stopped.countDown();
    }
  }

  private static void end(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      boolean clean = stopped.await(20, TimeUnit.SECONDS);
      if (!clean) {
        System.err.println("muster: the trial did not end cleanly");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int run(Path folder, CountDownLatch stop) throws IOException, InterruptedException {
    Home home = new Home(folder.resolve("home"));
    home.create();
    SandboxApp app = SandboxApp.generate(1);
    writeSecrets(home, app);
    SandboxSettings sandboxSettings =
        SandboxSettings.DEFAULT.withPort(portBase == 0 ? 0 : portBase + 2);
    Settings settings = Settings.read(home, ports(), Map.of());
    SystemTimers timers = new SystemTimers(world.clock());
    Surroundings around =
        new Surroundings(
            world.clock(),
            timers,
            new SecureRandom(),
            Map.of(),
            world.programs(),
            world.build().version(),
            Map.of());
    try (timers;
        SandboxGitHub sandbox = SandboxGitHub.start(sandboxSettings, app, world.clock());
        Appliance appliance = Appliance.start(home, settings, around)) {
      say("appliance started", appliance.running().publicUrl().toString());
      say("sandbox started", sandbox.url() + " stands in for GitHub");
      sandbox.sendWebhooksTo(appliance.running().publicUrl().resolve("/webhooks/github"));
      pushConfig(folder, appliance, sandbox);
      JobId job = queueJob(sandbox);
      boolean completed = follow(appliance, sandbox, job);
      world.out().println();
      world.out().println("Status page: " + appliance.running().adminUrl());
      if (once || stop.getCount() == 0) {
        return completed ? 0 : Failure.NO;
      }
      world.out().println("Ctrl-C ends the trial and removes its temporary home.");
      stop.await();
      return completed ? 0 : Failure.NO;
    }
  }

  private Map<String, String> ports() {
    int publicPort = portBase;
    int adminPort = portBase == 0 ? 0 : portBase + 1;
    return Map.of("listen", "127.0.0.1:" + publicPort, "admin", "127.0.0.1:" + adminPort);
  }

  private static void writeSecrets(Home home, SandboxApp app) throws IOException {
    String key = app.privateKeyPem().lines().map(l -> "  " + l).collect(Collectors.joining("\n"));
    String yaml =
        "github-app-key: |\n" + key + "\ngithub-webhook: \"" + app.webhookSecret() + "\"\n";
    Home.writePrivately(home.secrets(), yaml.getBytes(StandardCharsets.UTF_8));
  }

  /** A folder with a runner in it, as GitHub's own comes: its {@code run.sh} is the command. */
  private Path sandboxRunner(Path folder) throws IOException {
    String command =
        world.programs().run("dev.muster.sandbox.SandboxRunner").stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    Path script = Files.createDirectories(folder.resolve("sandbox-runner")).resolve("run.sh");
    Files.writeString(
        script, "#!/bin/sh\n# The sandbox's stand-in for GitHub's runner.\nexec " + command + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script;
  }

  private void pushConfig(Path folder, Appliance appliance, SandboxGitHub sandbox)
      throws IOException, InterruptedException {
    Path work = folder.resolve("config");
    Path runner = sandboxRunner(folder);
    String config =
        """
        version: "1"
        defaults: { provider: local }
        github:
          api_url: %s
          app: { id: %d, private_key: { secret: github-app-key } }
          webhook_secret: { secret: github-webhook }
        runners:
          - { name: here, provider: local, slots: 2, command: [%s] }
        pools:
          - { name: default, runner: here }
        """
            .formatted(sandbox.url(), sandbox.app().id(), runner);
    Files.createDirectories(work);
    Files.writeString(work.resolve("muster.yml"), config);
    String token = appliance.firstToken().orElseThrow().value();
    new GitClient(work, token).publish(appliance.running().publicUrl(), "a runner on this machine");
    say("config pushed", "with git, " + config.lines().count() + " lines, accepted");
  }

  private JobId queueJob(SandboxGitHub sandbox) {
    SandboxJob job =
        sandbox.queueJob(
            REPOSITORY,
            List.of("muster=1/runner=here"),
            List.of("echo Hello from a job of $(uname -s)", "sleep 0.2", "echo done"));
    say("job queued", "job " + job.id() + " of " + REPOSITORY + " at the sandbox; webhook sent");
    return new JobId(job.id());
  }

  private boolean follow(Appliance appliance, SandboxGitHub sandbox, JobId id)
      throws InterruptedException {
    Instant until = world.clock().instant().plus(PATIENCE);
    Set<Line> told = new HashSet<>();
    while (world.clock().instant().isBefore(until)) {
      boolean over =
          appliance
              .database()
              .read(read -> JobStore.find(read, id))
              .filter(TryCommand::over)
              .isPresent();
      List<Line> lines = new ArrayList<>(accepted(sandbox));
      lines.addAll(appliance.database().read(read -> happened(read, id)));
      lines.sort(Comparator.comparing(Line::at));
      lines.stream().filter(told::add).forEach(line -> say(line.what(), line.detail(), line.at()));
      if (over) {
        return true;
      }
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
    world.err().println("muster: the job has not completed within " + PATIENCE.toSeconds() + " s");
    return false;
  }

  /** Something that happened. */
  private record Line(Instant at, String what, String detail) {}

  /** The first delivery about the job, when it was answered. */
  private static List<Line> accepted(SandboxGitHub sandbox) {
    return sandbox.deliveries().stream()
        .filter(delivery -> delivery.arrived() && delivery.about().event().equals("workflow_job"))
        .limit(1)
        .map(delivery ->
            new Line(
                delivery.deliveredAt(),
                "delivery accepted",
                "workflow_job " + delivery.guid() + ", on disk before it was answered"))
        .toList();
  }

  /** What befell the job, and when its runner was launched. */
  private static List<Line> happened(Read read, JobId id) {
    List<Line> lines = new ArrayList<>();
    JobStore.timeline(read, id)
        .forEach(entry -> lines.add(new Line(entry.at(), "job " + entry.event(), entry.detail())));
    for (Runner runner : RunnerStore.living(read, RUNNERS)) {
      RunnerStore.timeline(read, runner.id()).stream()
          .filter(entry -> entry.event().equals(RunnerState.BOOTING.word()))
          .forEach(
              entry -> lines.add(new Line(entry.at(), "runner launched", runner.id().toString())));
    }
    return lines;
  }

  private static boolean over(Job job) {
    return job.state() == JobState.COMPLETED;
  }

  private void say(String what, String detail) {
    say(what, detail, world.clock().instant());
  }

  private void say(String what, String detail, Instant at) {
    PrintStream out = world.out();
    String time = at.atZone(java.time.ZoneId.systemDefault()).toLocalTime().toString();
    out.printf("%-12.12s  %-18s  %s%n", time, what, detail);
    out.flush();
  }
}

package dev.muster.fleet.compute.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.home.FileTrees;
import dev.muster.kernel.reconcile.TransientException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runners as processes of this machine. Under its folder lie {@code live/ID} with what is known of
 * a runner that runs, {@code ended/ID} with the output of those that do not, and {@code slots}.
 */
public final class LocalComputeProvider implements ComputeProvider {
  private static final Logger log = System.getLogger(LocalComputeProvider.class.getName());
  private static final ObjectMapper JSON = new ObjectMapper();

  /** There where systemd runs; only who may make units there may write there. */
  private static final Path SYSTEMD = Path.of("/run/systemd/system");

  /** The agent ends its job on TERM; after this long it is no longer asked. */
  private static final Duration GRACE = Duration.ofSeconds(40);

  /** How many ended runners' output is kept. */
  private static final int KEPT = 200;

  private final Path live;
  private final Path ended;
  private final Slots slots;
  private final AgentCommand agent;
  private final Spawner spawner;
  private final InstantSource clock;
  private final Map<String, Instant> asked = new HashMap<>();

  /**
   * For this machine: with transient units where systemd runs and lets us make some, else with
   * sessions.
   *
   * @param folder {@code runners} in home
   */
  public LocalComputeProvider(Path folder, AgentCommand agent, InstantSource clock) {
    this(
        folder,
        agent,
        Files.isWritable(SYSTEMD) ? new SystemdSpawner() : new SessionSpawner(),
        clock);
  }

  LocalComputeProvider(Path folder, AgentCommand agent, Spawner spawner, InstantSource clock) {
    this.live = folder.resolve("live");
    this.ended = folder.resolve("ended");
    this.slots = new Slots(folder.resolve("slots"));
    this.agent = agent;
    this.spawner = spawner;
    this.clock = clock;
  }

  @Override
  public String name() {
    return Provider.LOCAL.word();
  }

  /** A stopped process is one that was not started, so there is nothing to keep. */
  @Override
  public boolean stoppable() {
    return false;
  }

  @Override
  public List<String> command(RunnerSpec spec) {
    if (Slots.runnerFolder(spec.command()).isEmpty()) {
      return spec.command();
    }
    List<String> command = new ArrayList<>(spec.command());
    command.set(0, "./" + Slots.ENTRY);
    return command;
  }

  @Override
  public synchronized LaunchResult launch(LaunchRequest request, String secret)
      throws InterruptedException {
    try {
      List<LocalInstance> alive = living();
      List<String> made = new ArrayList<>();
      Set<Integer> taken =
          alive.stream()
              .filter(i -> i.spec().equals(request.spec().name()))
              .map(LocalInstance::slot)
              .collect(Collectors.toSet());
      for (int index = 0; index < request.count(); index++) {
        String id = request.launch() + "-" + index;
        if (known(id)) {
          made.add(id);
          continue;
        }
        Optional<Integer> slot = Slots.free(request.spec().slots(), taken);
        if (slot.isEmpty()) {
          break;
        }
        start(id, index, slot.get(), request, secret);
        taken.add(slot.get());
        made.add(id);
      }
      String note =
          made.size() == request.count()
              ? ""
              : "all "
                  + request.spec().slots()
                  + " slots of "
                  + request.spec().name()
                  + " are taken";
      return made.isEmpty()
          ? new LaunchResult.NoCapacity(note)
          : LaunchResult.Launched.plain(made, note);
    } catch (IOException e) {
      throw new TransientException(
          "Starting runners of %s under %s failed: %s; see the disk and its permissions"
              .formatted(request.spec().name(), live, e.getMessage()),
          e);
    }
  }

  private boolean known(String id) throws IOException {
    return LocalInstance.read(live.resolve(id)).isPresent() || Files.isDirectory(ended.resolve(id));
  }

  private void start(String id, int index, int slot, LaunchRequest request, String secret)
      throws IOException, InterruptedException {
    Path home = Files.createDirectories(live.resolve(id));
    Path config = home.resolve("agent.json");
    // A crash of ours may have come after the start and before its record.
    Optional<ProcessHandle> running = workingIn(home);
    Optional<String> unit = Optional.empty();
    ProcessHandle process;
    if (running.isPresent()) {
      process = running.get();
    } else {
      Path work = slots.prepare(request.spec().name(), slot, request.spec().command());
      Files.deleteIfExists(home.resolve("work"));
      Files.createSymbolicLink(home.resolve("work"), work);
      writeConfig(config, id, request, secret, home);
      Spawner.Spawned spawned =
          spawner.spawn("muster-" + id, agent.with(config), home, home.resolve("agent.log"));
      process = spawned.process();
      unit = spawned.unit();
    }
    String started = LocalInstance.started(process).orElse("ended at once");
    new LocalInstance(
            id,
            request.launch(),
            index,
            request.spec().name(),
            slot,
            unit,
            process.pid(),
            started,
            clock.instant())
        .write(home);
    log.log(Level.INFO, "Started " + id + " in slot " + slot + " as process " + process.pid());
  }

  private static Optional<ProcessHandle> workingIn(Path home) {
    return ProcessHandle.allProcesses().filter(process -> worksIn(process, home)).findFirst();
  }

  /** A process's arguments are cut when they are long; the folder that it works in is not. */
  private static boolean worksIn(ProcessHandle process, Path home) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", process.pid() + "", "cwd"))
          .equals(home.toRealPath());
    } catch (IOException e) {
      return false; // it ended, or is another user's
    }
  }

  private static void writeConfig(
      Path config, String id, LaunchRequest request, String secret, Path home) throws IOException {
    Map<String, Object> keys =
        Map.of(
            "url", request.agentUrl().toString(),
            "launch", request.launch(),
            "secret", secret,
            "instance", id,
            "home", home.toString(),
            "hardDeadlineSeconds", hardDeadline(request).toSeconds());
    Files.deleteIfExists(config);
    Files.createFile(
        config, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    JSON.writeValue(config.toFile(), keys);
  }

  /** A warm runner may wait for days before its job; then it is replaced. */
  private static Duration hardDeadline(LaunchRequest request) {
    return request.spec().maxRuntime().plus(Duration.ofDays(2));
  }

  @Override
  public Map<String, String> start(String region, Collection<String> instances) {
    return Map.of(); // nothing is ever stopped here
  }

  /** The machine is there anyway. */
  @Override
  public Optional<HourlyPrice> price(String region, RunnerSpec spec) {
    return Optional.of(new HourlyPrice(0, false));
  }

  @Override
  public void stop(String region, Collection<String> instances) throws InterruptedException {
    terminate(region, instances);
  }

  @Override
  public synchronized void terminate(String region, Collection<String> instances) {
    for (String id : instances) {
      try {
        LocalInstance.read(live.resolve(id))
            .flatMap(LocalInstance::process)
            .ifPresent(p -> end(id, p));
      } catch (IOException e) {
        throw new TransientException(
            "Ending runner " + id + " failed: " + e.getMessage() + "; it will be tried again", e);
      }
    }
  }

  private void end(String id, ProcessHandle process) {
    Instant first = asked.putIfAbsent(id, clock.instant());
    if (first == null) {
      process.destroy();
    } else if (clock.instant().isAfter(first.plus(GRACE))) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Override
  public synchronized Listing list(String region) {
    try {
      return Listing.of(
          living().stream()
              .map(i ->
                  new Instance(
                      i.id(), Instance.State.RUNNING, Optional.of(i.launch()), i.launchedAt()))
              .toList());
    } catch (IOException e) {
      throw new TransientException(
          "Reading the local runners under " + live + " failed: " + e.getMessage(), e);
    }
  }

  /** Those whose process runs; the folders of the others are put aside. */
  private List<LocalInstance> living() throws IOException {
    if (!Files.isDirectory(live)) {
      return List.of();
    }
    List<LocalInstance> alive = new ArrayList<>();
    try (var folders = Files.list(live)) {
      for (Path folder : folders.toList()) {
        Optional<LocalInstance> instance = LocalInstance.read(folder);
        if (instance.isPresent() && instance.get().process().isPresent()) {
          alive.add(instance.get());
        } else if (instance.isPresent()) {
          putAside(folder);
        }
      }
    }
    return alive;
  }

  private void putAside(Path folder) throws IOException {
    Files.createDirectories(ended);
    asked.remove(String.valueOf(folder.getFileName()));
    for (String secret : List.of("agent.json", "session.json", "work")) {
      Files.deleteIfExists(folder.resolve(secret));
    }
    Path target = ended.resolve(folder.getFileName());
    FileTrees.delete(target);
    Files.move(folder, target);
    try (var folders = Files.list(ended)) {
      List<Path> oldestLast =
          folders
              .filter(f -> Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS))
              .sorted(Comparator.comparingLong((Path f) -> f.toFile().lastModified()).reversed())
              .toList();
      for (Path old : oldestLast.subList(Math.min(KEPT, oldestLast.size()), oldestLast.size())) {
        FileTrees.delete(old);
      }
    }
  }
}

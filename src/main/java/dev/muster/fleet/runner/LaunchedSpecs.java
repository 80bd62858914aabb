package dev.muster.fleet.runner;

import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.store.Database;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The specs that runners were launched with: what their launches stored, whatever the config says
 * by now. They never change, so the latest used are remembered.
 */
public final class LaunchedSpecs implements DeadlinePolicy {
  private static final int REMEMBERED = 2_000;

  private final Database database;
  private final Map<LaunchId, RunnerSpec> specs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<LaunchId, RunnerSpec> eldest) {
          return size() > REMEMBERED;
        }
      };

  public LaunchedSpecs(Database database) {
    this.database = database;
  }

  public RunnerSpec spec(Runner runner) {
    LaunchId launch = runner.origin().launch();
    synchronized (specs) {
      RunnerSpec known = specs.get(launch);
      if (known != null) {
        return known;
      }
    }
    RunnerSpec spec =
        LaunchRequest.parse(database.read(read -> LaunchStore.request(read, launch))).spec();
    synchronized (specs) {
      specs.put(launch, spec);
    }
    return spec;
  }

  @Override
  public Deadlines of(Runner runner) {
    RunnerSpec spec = spec(runner);
    return spec.os() == Os.WINDOWS
        ? Deadlines.windows(spec.maxRuntime())
        : Deadlines.linux(spec.maxRuntime());
  }
}

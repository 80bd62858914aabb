package dev.muster;

import dev.muster.cli.MusterCommand;
import dev.muster.cli.World;
import dev.muster.kernel.home.Build;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The command line: asks the system for what the rest is given. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Build build = Build.read(System.getProperty("java.version")); // or it waits for the libraries
    if (args.length > 0 && args[0].equals("serve")) {
      openJars();
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    World world =
        new World(
            InstantSource.system(),
            System.getenv(),
            Path.of(System.getProperty("user.home", ".")),
            Path.of("").toAbsolutePath(),
            out,
            err,
            new JavaPrograms(
                Path.of(System.getProperty("java.home")),
                absoluteClassPath(),
                Optional.ofNullable(System.getProperty("muster.launcher")).map(Path::of)),
            build);
    System.exit(MusterCommand.commandLine(world, args).execute(args));
  }

  /**
   * Opens the libraries, 50,000 files, beside what comes first. Who looks for what no jar has opens
   * them, and H2 looks for a library that may be there, Java's log for somebody who takes it: both
   * would wait for it, a tenth of the start.
   */
  private static void openJars() {
    Thread.ofPlatform()
        .name("jars")
        .daemon()
        .start(() -> ClassLoader.getSystemResource("META-INF/muster/nowhere"));
  }

  private static String absoluteClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}

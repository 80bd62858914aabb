package dev.muster.agent.windows;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * {@code JobHost FILE}: runs one job as the user who started this, as the agent orders. The file
 * holds the port where the agent waits and the key to be let in, a line each. Ends with the job;
 * what the job started besides is the agent's to end.
 */
public final class JobHost {
  private final HostChannel agent;

  private JobHost(HostChannel agent) {
    this.agent = agent;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 1) {
      System.err.println("usage: JobHost FILE");
      System.exit(2);
    }
    List<String> lines = Files.readAllLines(Path.of(args[0]));
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(lines.getFirst()));
    try (HostChannel agent = new HostChannel(socket)) {
      agent.sendKey(lines.get(1));
      new JobHost(agent).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    HostChannel.Order order = agent.readOrder();
    ProcessBuilder builder =
        new ProcessBuilder(order.command())
            .directory(Path.of(order.folder()).toFile())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
    builder.environment().putAll(order.environment());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      agent.send(new HostChannel.Word.NotStarted(String.valueOf(e.getMessage())));
      return;
    }
    process.getOutputStream().close();
    Thread.ofPlatform().daemon().name("cancel").start(() -> heed(process));
    Thread output =
        Thread.ofPlatform().daemon().name("output").start(() -> pass(process.getInputStream()));
    int code = process.waitFor();
    // A process that the job left behind may hold the output open; the agent ends it.
    output.join(2_000);
    agent.send(new HostChannel.Word.Exited(code));
  }

  private void heed(Process process) {
    if (agent.awaitCancel()) {
      ConsoleInterrupt.send();
    } else {
      process.destroyForcibly(); // the agent has gone, and nobody else would end the job
    }
  }

  private void pass(InputStream output) {
    byte[] buffer = new byte[8192];
    try (output) {
      for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
        agent.send(new HostChannel.Word.Output(Arrays.copyOf(buffer, n)));
      }
    } catch (IOException e) {
      System.err.println("muster-job: output ended: " + e.getMessage());
    }
  }
}

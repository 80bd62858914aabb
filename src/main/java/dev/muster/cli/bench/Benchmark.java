package dev.muster.cli.bench;

import java.io.IOException;
import java.util.List;

/** Measures one thing. */
public interface Benchmark {
  String name();

  List<Figure> run(Bench bench) throws IOException, InterruptedException;
}

package dev.muster;

/** Command line. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("muster");
  }
}

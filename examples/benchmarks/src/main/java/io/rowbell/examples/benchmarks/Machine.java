package io.rowbell.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What the machine is, and what it was doing besides, as Linux counts it. */
final class Machine {
  private static final double TICKS_PER_SECOND = 100;

  private Machine() {}

  /** CPU seconds that all processes together have used since it was started, the kernel's too. */
  static double busySeconds() throws IOException {
    String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+", -1);
    // user nice system idle iowait irq softirq steal ...
    return Arrays.stream(new int[] {1, 2, 3, 6, 7, 8})
            .mapToLong(field -> Long.parseLong(fields[field]))
            .sum()
        / TICKS_PER_SECOND;
  }

  /** A line on what it is: processors, memory, kernel, Java. */
  static String describe() throws IOException {
    List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
    long kilobytes = Long.parseLong(memory.get(0).replaceAll("\\D", ""));
    return "%d processors (%s), %d GB, Linux %s, Java %s, load before: %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            processor(),
            Math.round(kilobytes / 1048576.0),
            System.getProperty("os.version"),
            System.getProperty("java.version"),
            Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse("of unknown make");
  }
}

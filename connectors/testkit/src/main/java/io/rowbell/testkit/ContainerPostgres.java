package io.rowbell.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** PostgreSQL in a container of Docker; the container is stopped and started, its data stays. */
final class ContainerPostgres implements PostgresHost {
  static final String IMAGE = "postgres:18";

  private static final int PORT = 5432;
  private static final int PATIENCE_SECONDS = 60;

  private final String address = addressOfDocker();
  private final int port = Ports.free();
  private final GenericContainer<?> container;

  @SuppressWarnings("resource") // closed by close()
  ContainerPostgres(Map<String, String> settings, String password) {
    List<String> command = new ArrayList<>(List.of("postgres"));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    container =
        new GenericContainer<>(DockerImageName.parse(IMAGE))
            .withEnv("POSTGRES_PASSWORD", password)
            .withEnv("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
            .withEnv("POSTGRES_INITDB_ARGS", "--auth=scram-sha-256")
            .withExposedPorts(PORT)
            .withCommand(command.toArray(String[]::new))
            // A port of Docker's choice would be another one after each start.
            .withCreateContainerCmdModifier(
                create ->
                    Objects.requireNonNullElseGet(create.getHostConfig(), HostConfig::newHostConfig)
                        .withPortBindings(
                            new PortBinding(
                                Binding.bindIpAndPort(address, port), new ExposedPort(PORT))));
    container.start();
  }

  static boolean dockerAnswers() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  /**
   * The loopback address, or the bridge's when the tests themselves run in a container: its
   * loopback is not the one that Docker publishes ports on.
   */
  private static String addressOfDocker() {
    String host = DockerClientFactory.instance().dockerHostIpAddress();
    return host.equals("localhost") ? LOOPBACK : host;
  }

  private static DockerClient docker() {
    return DockerClientFactory.instance().client();
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void start() {
    if (!running()) {
      docker().startContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public boolean running() {
    return Boolean.TRUE.equals(
        docker().inspectContainerCmd(container.getContainerId()).exec().getState().getRunning());
  }

  @Override
  public void stop(Stop mode) {
    end(mode == Stop.FAST ? "SIGINT" : "SIGQUIT");
  }

  @Override
  public void kill() {
    end("SIGKILL");
  }

  private void end(String signal) {
    if (running()) {
      docker().killContainerCmd(container.getContainerId()).withSignal(signal).exec();
      docker()
          .waitContainerCmd(container.getContainerId())
          .start()
          .awaitStatusCode(PATIENCE_SECONDS, java.util.concurrent.TimeUnit.SECONDS);
    }
  }

  @Override
  public String log() {
    return Directories.tail(container.getLogs());
  }

  @Override
  public void close() {
    container.stop();
  }
}

package io.rowbell.engine.security;

import com.sun.tools.attach.VirtualMachine;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What an operator sees of a JVM with the JDK's own tools: beans, properties, threads. */
final class ManagementView {
  private static final ObjectName DIAGNOSTICS = name("com.sun.management:type=DiagnosticCommand");

  private ManagementView() {}

  /** All of it as one text. */
  @SuppressWarnings("BanJNDI") // of a JVM that the test has started itself
  static String of(long pid) throws Exception {
    StringBuilder text = new StringBuilder();
    VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
    try {
      text.append(machine.getSystemProperties()).append('\n');
      JMXServiceURL url = new JMXServiceURL(machine.startLocalManagementAgent());
      try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
        MBeanServerConnection beans = connector.getMBeanServerConnection();
        for (ObjectName bean : beans.queryNames(null, null)) {
          text.append(bean).append('\n');
          attributes(beans, bean, text);
        }
        for (String command :
            Set.of("threadPrint", "vmCommandLine", "vmSystemProperties", "vmFlags")) {
          Object[] none = {new String[0]};
          String[] signature = {String[].class.getName()};
          text.append(beans.invoke(DIAGNOSTICS, command, none, signature)).append('\n');
        }
      }
    } finally {
      machine.detach();
    }
    return text.toString();
  }

  private static void attributes(MBeanServerConnection beans, ObjectName bean, StringBuilder text)
      throws Exception {
    for (MBeanAttributeInfo attribute : beans.getMBeanInfo(bean).getAttributes()) {
      try {
        Object value = beans.getAttribute(bean, attribute.getName());
        text.append(attribute.getName())
            .append(" = ")
            .append(value instanceof Object[] several ? java.util.Arrays.toString(several) : value)
            .append('\n');
      } catch (JMException | RuntimeException e) {
        text.append(attribute.getName()).append(": ").append(e).append('\n');
      }
    }
  }

  private static ObjectName name(String text) {
    try {
      return new ObjectName(text);
    } catch (JMException e) {
      throw new IllegalArgumentException(e);
    }
  }
}

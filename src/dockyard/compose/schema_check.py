"""Generated from compose-spec.json by `python -m dockyard.compose.generate`. Don't edit."""
# ruff: noqa
# pyright: basic, reportGeneralTypeIssues=false


class Invalid(ValueError):
    """The tree isn't valid."""


import re


REGEX_PATTERNS = {
    '^[a-zA-Z0-9._-]+$': re.compile('^[a-zA-Z0-9._-]+$'),
    '^x-': re.compile('^x-'),
    '.+': re.compile('.+'),
    '^.+$': re.compile('^.+$'),
    '[a-zA-Z0-9][a-zA-Z0-9_.-]+': re.compile('[a-zA-Z0-9][a-zA-Z0-9_.-]+'),
    'always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+': re.compile('always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+'),
    '^[a-z]+$': re.compile('^[a-z]+$')
}

NoneType = type(None)

def validate(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "version" in data_keys:
            data_keys.remove("version")
            data__version = data["version"]
            if not isinstance(data__version, (str)):
                raise Invalid
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise Invalid
        if "include" in data_keys:
            data_keys.remove("include")
            data__include = data["include"]
            if not isinstance(data__include, (list, tuple)):
                raise Invalid
            data__include_is_list = isinstance(data__include, (list, tuple))
            if data__include_is_list:
                data__include_len = len(data__include)
                for data__include_x, data__include_item in enumerate(data__include):
                    validate___definitions_include(data__include_item)
        if "services" in data_keys:
            data_keys.remove("services")
            data__services = data["services"]
            if not isinstance(data__services, (dict)):
                raise Invalid
            data__services_is_dict = isinstance(data__services, dict)
            if data__services_is_dict:
                data__services_keys = set(data__services.keys())
                for data__services_key, data__services_val in data__services.items():
                    if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__services_key):
                        if data__services_key in data__services_keys:
                            data__services_keys.remove(data__services_key)
                        validate___definitions_service(data__services_val)
                if data__services_keys:
                    raise Invalid
        if "models" in data_keys:
            data_keys.remove("models")
            data__models = data["models"]
            if not isinstance(data__models, (dict)):
                raise Invalid
            data__models_is_dict = isinstance(data__models, dict)
            if data__models_is_dict:
                data__models_keys = set(data__models.keys())
                for data__models_key, data__models_val in data__models.items():
                    if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__models_key):
                        if data__models_key in data__models_keys:
                            data__models_keys.remove(data__models_key)
                        validate___definitions_model(data__models_val)
        if "networks" in data_keys:
            data_keys.remove("networks")
            data__networks = data["networks"]
            if not isinstance(data__networks, (dict)):
                raise Invalid
            data__networks_is_dict = isinstance(data__networks, dict)
            if data__networks_is_dict:
                data__networks_keys = set(data__networks.keys())
                for data__networks_key, data__networks_val in data__networks.items():
                    if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__networks_key):
                        if data__networks_key in data__networks_keys:
                            data__networks_keys.remove(data__networks_key)
                        validate___definitions_network(data__networks_val)
        if "volumes" in data_keys:
            data_keys.remove("volumes")
            data__volumes = data["volumes"]
            if not isinstance(data__volumes, (dict)):
                raise Invalid
            data__volumes_is_dict = isinstance(data__volumes, dict)
            if data__volumes_is_dict:
                data__volumes_keys = set(data__volumes.keys())
                for data__volumes_key, data__volumes_val in data__volumes.items():
                    if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__volumes_key):
                        if data__volumes_key in data__volumes_keys:
                            data__volumes_keys.remove(data__volumes_key)
                        validate___definitions_volume(data__volumes_val)
                if data__volumes_keys:
                    raise Invalid
        if "secrets" in data_keys:
            data_keys.remove("secrets")
            data__secrets = data["secrets"]
            if not isinstance(data__secrets, (dict)):
                raise Invalid
            data__secrets_is_dict = isinstance(data__secrets, dict)
            if data__secrets_is_dict:
                data__secrets_keys = set(data__secrets.keys())
                for data__secrets_key, data__secrets_val in data__secrets.items():
                    if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__secrets_key):
                        if data__secrets_key in data__secrets_keys:
                            data__secrets_keys.remove(data__secrets_key)
                        validate___definitions_secret(data__secrets_val)
                if data__secrets_keys:
                    raise Invalid
        if "configs" in data_keys:
            data_keys.remove("configs")
            data__configs = data["configs"]
            if not isinstance(data__configs, (dict)):
                raise Invalid
            data__configs_is_dict = isinstance(data__configs, dict)
            if data__configs_is_dict:
                data__configs_keys = set(data__configs.keys())
                for data__configs_key, data__configs_val in data__configs.items():
                    if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__configs_key):
                        if data__configs_key in data__configs_keys:
                            data__configs_keys.remove(data__configs_key)
                        validate___definitions_config(data__configs_val)
                if data__configs_keys:
                    raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_config(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise Invalid
        if "content" in data_keys:
            data_keys.remove("content")
            data__content = data["content"]
            if not isinstance(data__content, (str)):
                raise Invalid
        if "environment" in data_keys:
            data_keys.remove("environment")
            data__environment = data["environment"]
            if not isinstance(data__environment, (str)):
                raise Invalid
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            if not isinstance(data__file, (str)):
                raise Invalid
        if "external" in data_keys:
            data_keys.remove("external")
            data__external = data["external"]
            if not isinstance(data__external, (bool, str, dict)):
                raise Invalid
            data__external_is_dict = isinstance(data__external, dict)
            if data__external_is_dict:
                data__external_keys = set(data__external.keys())
                if "name" in data__external_keys:
                    data__external_keys.remove("name")
                    data__external__name = data__external["name"]
                    if not isinstance(data__external__name, (str)):
                        raise Invalid
        if "labels" in data_keys:
            data_keys.remove("labels")
            data__labels = data["labels"]
            validate___definitions_list_or_dict(data__labels)
        if "template_driver" in data_keys:
            data_keys.remove("template_driver")
            data__templatedriver = data["template_driver"]
            if not isinstance(data__templatedriver, (str)):
                raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_list_or_dict(data):
    data_one_of_count1 = 0
    if data_one_of_count1 < 2:
        try:
            if not isinstance(data, (dict)):
                raise Invalid
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data_keys = set(data.keys())
                for data_key, data_val in data.items():
                    if REGEX_PATTERNS['.+'].search(data_key):
                        if data_key in data_keys:
                            data_keys.remove(data_key)
                        if not isinstance(data_val, (str, int, float, bool, NoneType)):
                            raise Invalid
                if data_keys:
                    raise Invalid
            data_one_of_count1 += 1
        except Invalid: pass
    if data_one_of_count1 < 2:
        try:
            if not isinstance(data, (list, tuple)):
                raise Invalid
            data_is_list = isinstance(data, (list, tuple))
            if data_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data_len = len(data)
                if data_len > len(set(fn(data_x) for data_x in data)):
                    raise Invalid
                for data_x, data_item in enumerate(data):
                    if not isinstance(data_item, (str)):
                        raise Invalid
            data_one_of_count1 += 1
        except Invalid: pass
    if data_one_of_count1 != 1:
        raise Invalid
    return data

def validate___definitions_secret(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise Invalid
        if "environment" in data_keys:
            data_keys.remove("environment")
            data__environment = data["environment"]
            if not isinstance(data__environment, (str)):
                raise Invalid
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            if not isinstance(data__file, (str)):
                raise Invalid
        if "external" in data_keys:
            data_keys.remove("external")
            data__external = data["external"]
            if not isinstance(data__external, (bool, str, dict)):
                raise Invalid
            data__external_is_dict = isinstance(data__external, dict)
            if data__external_is_dict:
                data__external_keys = set(data__external.keys())
                if "name" in data__external_keys:
                    data__external_keys.remove("name")
                    data__external__name = data__external["name"]
                    if not isinstance(data__external__name, (str)):
                        raise Invalid
        if "labels" in data_keys:
            data_keys.remove("labels")
            data__labels = data["labels"]
            validate___definitions_list_or_dict(data__labels)
        if "driver" in data_keys:
            data_keys.remove("driver")
            data__driver = data["driver"]
            if not isinstance(data__driver, (str)):
                raise Invalid
        if "driver_opts" in data_keys:
            data_keys.remove("driver_opts")
            data__driveropts = data["driver_opts"]
            if not isinstance(data__driveropts, (dict)):
                raise Invalid
            data__driveropts_is_dict = isinstance(data__driveropts, dict)
            if data__driveropts_is_dict:
                data__driveropts_keys = set(data__driveropts.keys())
                for data__driveropts_key, data__driveropts_val in data__driveropts.items():
                    if REGEX_PATTERNS['^.+$'].search(data__driveropts_key):
                        if data__driveropts_key in data__driveropts_keys:
                            data__driveropts_keys.remove(data__driveropts_key)
                        if not isinstance(data__driveropts_val, (str, int, float)) or isinstance(data__driveropts_val, bool):
                            raise Invalid
        if "template_driver" in data_keys:
            data_keys.remove("template_driver")
            data__templatedriver = data["template_driver"]
            if not isinstance(data__templatedriver, (str)):
                raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_volume(data):
    if not isinstance(data, (dict, NoneType)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise Invalid
        if "driver" in data_keys:
            data_keys.remove("driver")
            data__driver = data["driver"]
            if not isinstance(data__driver, (str)):
                raise Invalid
        if "driver_opts" in data_keys:
            data_keys.remove("driver_opts")
            data__driveropts = data["driver_opts"]
            if not isinstance(data__driveropts, (dict)):
                raise Invalid
            data__driveropts_is_dict = isinstance(data__driveropts, dict)
            if data__driveropts_is_dict:
                data__driveropts_keys = set(data__driveropts.keys())
                for data__driveropts_key, data__driveropts_val in data__driveropts.items():
                    if REGEX_PATTERNS['^.+$'].search(data__driveropts_key):
                        if data__driveropts_key in data__driveropts_keys:
                            data__driveropts_keys.remove(data__driveropts_key)
                        if not isinstance(data__driveropts_val, (str, int, float)) or isinstance(data__driveropts_val, bool):
                            raise Invalid
        if "external" in data_keys:
            data_keys.remove("external")
            data__external = data["external"]
            if not isinstance(data__external, (bool, str, dict)):
                raise Invalid
            data__external_is_dict = isinstance(data__external, dict)
            if data__external_is_dict:
                data__external_keys = set(data__external.keys())
                if "name" in data__external_keys:
                    data__external_keys.remove("name")
                    data__external__name = data__external["name"]
                    if not isinstance(data__external__name, (str)):
                        raise Invalid
                for data__external_key, data__external_val in data__external.items():
                    if REGEX_PATTERNS['^x-'].search(data__external_key):
                        if data__external_key in data__external_keys:
                            data__external_keys.remove(data__external_key)
                if data__external_keys:
                    raise Invalid
        if "labels" in data_keys:
            data_keys.remove("labels")
            data__labels = data["labels"]
            validate___definitions_list_or_dict(data__labels)
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_network(data):
    if not isinstance(data, (dict, NoneType)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise Invalid
        if "driver" in data_keys:
            data_keys.remove("driver")
            data__driver = data["driver"]
            if not isinstance(data__driver, (str)):
                raise Invalid
        if "driver_opts" in data_keys:
            data_keys.remove("driver_opts")
            data__driveropts = data["driver_opts"]
            if not isinstance(data__driveropts, (dict)):
                raise Invalid
            data__driveropts_is_dict = isinstance(data__driveropts, dict)
            if data__driveropts_is_dict:
                data__driveropts_keys = set(data__driveropts.keys())
                for data__driveropts_key, data__driveropts_val in data__driveropts.items():
                    if REGEX_PATTERNS['^.+$'].search(data__driveropts_key):
                        if data__driveropts_key in data__driveropts_keys:
                            data__driveropts_keys.remove(data__driveropts_key)
                        if not isinstance(data__driveropts_val, (str, int, float)) or isinstance(data__driveropts_val, bool):
                            raise Invalid
        if "ipam" in data_keys:
            data_keys.remove("ipam")
            data__ipam = data["ipam"]
            if not isinstance(data__ipam, (dict)):
                raise Invalid
            data__ipam_is_dict = isinstance(data__ipam, dict)
            if data__ipam_is_dict:
                data__ipam_keys = set(data__ipam.keys())
                if "driver" in data__ipam_keys:
                    data__ipam_keys.remove("driver")
                    data__ipam__driver = data__ipam["driver"]
                    if not isinstance(data__ipam__driver, (str)):
                        raise Invalid
                if "config" in data__ipam_keys:
                    data__ipam_keys.remove("config")
                    data__ipam__config = data__ipam["config"]
                    if not isinstance(data__ipam__config, (list, tuple)):
                        raise Invalid
                    data__ipam__config_is_list = isinstance(data__ipam__config, (list, tuple))
                    if data__ipam__config_is_list:
                        data__ipam__config_len = len(data__ipam__config)
                        for data__ipam__config_x, data__ipam__config_item in enumerate(data__ipam__config):
                            if not isinstance(data__ipam__config_item, (dict)):
                                raise Invalid
                            data__ipam__config_item_is_dict = isinstance(data__ipam__config_item, dict)
                            if data__ipam__config_item_is_dict:
                                data__ipam__config_item_keys = set(data__ipam__config_item.keys())
                                if "subnet" in data__ipam__config_item_keys:
                                    data__ipam__config_item_keys.remove("subnet")
                                    data__ipam__config_item__subnet = data__ipam__config_item["subnet"]
                                    if not isinstance(data__ipam__config_item__subnet, (str)):
                                        raise Invalid
                                if "ip_range" in data__ipam__config_item_keys:
                                    data__ipam__config_item_keys.remove("ip_range")
                                    data__ipam__config_item__iprange = data__ipam__config_item["ip_range"]
                                    if not isinstance(data__ipam__config_item__iprange, (str)):
                                        raise Invalid
                                if "gateway" in data__ipam__config_item_keys:
                                    data__ipam__config_item_keys.remove("gateway")
                                    data__ipam__config_item__gateway = data__ipam__config_item["gateway"]
                                    if not isinstance(data__ipam__config_item__gateway, (str)):
                                        raise Invalid
                                if "aux_addresses" in data__ipam__config_item_keys:
                                    data__ipam__config_item_keys.remove("aux_addresses")
                                    data__ipam__config_item__auxaddresses = data__ipam__config_item["aux_addresses"]
                                    if not isinstance(data__ipam__config_item__auxaddresses, (dict)):
                                        raise Invalid
                                    data__ipam__config_item__auxaddresses_is_dict = isinstance(data__ipam__config_item__auxaddresses, dict)
                                    if data__ipam__config_item__auxaddresses_is_dict:
                                        data__ipam__config_item__auxaddresses_keys = set(data__ipam__config_item__auxaddresses.keys())
                                        for data__ipam__config_item__auxaddresses_key, data__ipam__config_item__auxaddresses_val in data__ipam__config_item__auxaddresses.items():
                                            if REGEX_PATTERNS['^.+$'].search(data__ipam__config_item__auxaddresses_key):
                                                if data__ipam__config_item__auxaddresses_key in data__ipam__config_item__auxaddresses_keys:
                                                    data__ipam__config_item__auxaddresses_keys.remove(data__ipam__config_item__auxaddresses_key)
                                                if not isinstance(data__ipam__config_item__auxaddresses_val, (str)):
                                                    raise Invalid
                                        if data__ipam__config_item__auxaddresses_keys:
                                            raise Invalid
                                for data__ipam__config_item_key, data__ipam__config_item_val in data__ipam__config_item.items():
                                    if REGEX_PATTERNS['^x-'].search(data__ipam__config_item_key):
                                        if data__ipam__config_item_key in data__ipam__config_item_keys:
                                            data__ipam__config_item_keys.remove(data__ipam__config_item_key)
                                if data__ipam__config_item_keys:
                                    raise Invalid
                if "options" in data__ipam_keys:
                    data__ipam_keys.remove("options")
                    data__ipam__options = data__ipam["options"]
                    if not isinstance(data__ipam__options, (dict)):
                        raise Invalid
                    data__ipam__options_is_dict = isinstance(data__ipam__options, dict)
                    if data__ipam__options_is_dict:
                        data__ipam__options_keys = set(data__ipam__options.keys())
                        for data__ipam__options_key, data__ipam__options_val in data__ipam__options.items():
                            if REGEX_PATTERNS['^.+$'].search(data__ipam__options_key):
                                if data__ipam__options_key in data__ipam__options_keys:
                                    data__ipam__options_keys.remove(data__ipam__options_key)
                                if not isinstance(data__ipam__options_val, (str)):
                                    raise Invalid
                        if data__ipam__options_keys:
                            raise Invalid
                for data__ipam_key, data__ipam_val in data__ipam.items():
                    if REGEX_PATTERNS['^x-'].search(data__ipam_key):
                        if data__ipam_key in data__ipam_keys:
                            data__ipam_keys.remove(data__ipam_key)
                if data__ipam_keys:
                    raise Invalid
        if "external" in data_keys:
            data_keys.remove("external")
            data__external = data["external"]
            if not isinstance(data__external, (bool, str, dict)):
                raise Invalid
            data__external_is_dict = isinstance(data__external, dict)
            if data__external_is_dict:
                data__external_keys = set(data__external.keys())
                if "name" in data__external_keys:
                    data__external_keys.remove("name")
                    data__external__name = data__external["name"]
                    if not isinstance(data__external__name, (str)):
                        raise Invalid
                for data__external_key, data__external_val in data__external.items():
                    if REGEX_PATTERNS['^x-'].search(data__external_key):
                        if data__external_key in data__external_keys:
                            data__external_keys.remove(data__external_key)
                if data__external_keys:
                    raise Invalid
        if "internal" in data_keys:
            data_keys.remove("internal")
            data__internal = data["internal"]
            if not isinstance(data__internal, (bool, str)):
                raise Invalid
        if "enable_ipv4" in data_keys:
            data_keys.remove("enable_ipv4")
            data__enableipv4 = data["enable_ipv4"]
            if not isinstance(data__enableipv4, (bool, str)):
                raise Invalid
        if "enable_ipv6" in data_keys:
            data_keys.remove("enable_ipv6")
            data__enableipv6 = data["enable_ipv6"]
            if not isinstance(data__enableipv6, (bool, str)):
                raise Invalid
        if "attachable" in data_keys:
            data_keys.remove("attachable")
            data__attachable = data["attachable"]
            if not isinstance(data__attachable, (bool, str)):
                raise Invalid
        if "labels" in data_keys:
            data_keys.remove("labels")
            data__labels = data["labels"]
            validate___definitions_list_or_dict(data__labels)
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_model(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['model']) - data.keys()
        if data__missing_keys:
            raise Invalid
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise Invalid
        if "model" in data_keys:
            data_keys.remove("model")
            data__model = data["model"]
            if not isinstance(data__model, (str)):
                raise Invalid
        if "context_size" in data_keys:
            data_keys.remove("context_size")
            data__contextsize = data["context_size"]
            if not isinstance(data__contextsize, (int)) and not (isinstance(data__contextsize, float) and data__contextsize.is_integer()) or isinstance(data__contextsize, bool):
                raise Invalid
        if "runtime_flags" in data_keys:
            data_keys.remove("runtime_flags")
            data__runtimeflags = data["runtime_flags"]
            if not isinstance(data__runtimeflags, (list, tuple)):
                raise Invalid
            data__runtimeflags_is_list = isinstance(data__runtimeflags, (list, tuple))
            if data__runtimeflags_is_list:
                data__runtimeflags_len = len(data__runtimeflags)
                for data__runtimeflags_x, data__runtimeflags_item in enumerate(data__runtimeflags):
                    if not isinstance(data__runtimeflags_item, (str)):
                        raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_service(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "develop" in data_keys:
            data_keys.remove("develop")
            data__develop = data["develop"]
            validate___definitions_development(data__develop)
        if "deploy" in data_keys:
            data_keys.remove("deploy")
            data__deploy = data["deploy"]
            validate___definitions_deployment(data__deploy)
        if "annotations" in data_keys:
            data_keys.remove("annotations")
            data__annotations = data["annotations"]
            validate___definitions_list_or_dict(data__annotations)
        if "attach" in data_keys:
            data_keys.remove("attach")
            data__attach = data["attach"]
            if not isinstance(data__attach, (bool, str)):
                raise Invalid
        if "build" in data_keys:
            data_keys.remove("build")
            data__build = data["build"]
            data__build_one_of_count2 = 0
            if data__build_one_of_count2 < 2:
                try:
                    if not isinstance(data__build, (str)):
                        raise Invalid
                    data__build_one_of_count2 += 1
                except Invalid: pass
            if data__build_one_of_count2 < 2:
                try:
                    if not isinstance(data__build, (dict)):
                        raise Invalid
                    data__build_is_dict = isinstance(data__build, dict)
                    if data__build_is_dict:
                        data__build_keys = set(data__build.keys())
                        if "context" in data__build_keys:
                            data__build_keys.remove("context")
                            data__build__context = data__build["context"]
                            if not isinstance(data__build__context, (str)):
                                raise Invalid
                        if "dockerfile" in data__build_keys:
                            data__build_keys.remove("dockerfile")
                            data__build__dockerfile = data__build["dockerfile"]
                            if not isinstance(data__build__dockerfile, (str)):
                                raise Invalid
                        if "dockerfile_inline" in data__build_keys:
                            data__build_keys.remove("dockerfile_inline")
                            data__build__dockerfileinline = data__build["dockerfile_inline"]
                            if not isinstance(data__build__dockerfileinline, (str)):
                                raise Invalid
                        if "entitlements" in data__build_keys:
                            data__build_keys.remove("entitlements")
                            data__build__entitlements = data__build["entitlements"]
                            if not isinstance(data__build__entitlements, (list, tuple)):
                                raise Invalid
                            data__build__entitlements_is_list = isinstance(data__build__entitlements, (list, tuple))
                            if data__build__entitlements_is_list:
                                data__build__entitlements_len = len(data__build__entitlements)
                                for data__build__entitlements_x, data__build__entitlements_item in enumerate(data__build__entitlements):
                                    if not isinstance(data__build__entitlements_item, (str)):
                                        raise Invalid
                        if "args" in data__build_keys:
                            data__build_keys.remove("args")
                            data__build__args = data__build["args"]
                            validate___definitions_list_or_dict(data__build__args)
                        if "ssh" in data__build_keys:
                            data__build_keys.remove("ssh")
                            data__build__ssh = data__build["ssh"]
                            validate___definitions_list_or_dict(data__build__ssh)
                        if "labels" in data__build_keys:
                            data__build_keys.remove("labels")
                            data__build__labels = data__build["labels"]
                            validate___definitions_list_or_dict(data__build__labels)
                        if "cache_from" in data__build_keys:
                            data__build_keys.remove("cache_from")
                            data__build__cachefrom = data__build["cache_from"]
                            if not isinstance(data__build__cachefrom, (list, tuple)):
                                raise Invalid
                            data__build__cachefrom_is_list = isinstance(data__build__cachefrom, (list, tuple))
                            if data__build__cachefrom_is_list:
                                data__build__cachefrom_len = len(data__build__cachefrom)
                                for data__build__cachefrom_x, data__build__cachefrom_item in enumerate(data__build__cachefrom):
                                    if not isinstance(data__build__cachefrom_item, (str)):
                                        raise Invalid
                        if "cache_to" in data__build_keys:
                            data__build_keys.remove("cache_to")
                            data__build__cacheto = data__build["cache_to"]
                            if not isinstance(data__build__cacheto, (list, tuple)):
                                raise Invalid
                            data__build__cacheto_is_list = isinstance(data__build__cacheto, (list, tuple))
                            if data__build__cacheto_is_list:
                                data__build__cacheto_len = len(data__build__cacheto)
                                for data__build__cacheto_x, data__build__cacheto_item in enumerate(data__build__cacheto):
                                    if not isinstance(data__build__cacheto_item, (str)):
                                        raise Invalid
                        if "no_cache" in data__build_keys:
                            data__build_keys.remove("no_cache")
                            data__build__nocache = data__build["no_cache"]
                            if not isinstance(data__build__nocache, (bool, str)):
                                raise Invalid
                        if "additional_contexts" in data__build_keys:
                            data__build_keys.remove("additional_contexts")
                            data__build__additionalcontexts = data__build["additional_contexts"]
                            validate___definitions_list_or_dict(data__build__additionalcontexts)
                        if "network" in data__build_keys:
                            data__build_keys.remove("network")
                            data__build__network = data__build["network"]
                            if not isinstance(data__build__network, (str)):
                                raise Invalid
                        if "provenance" in data__build_keys:
                            data__build_keys.remove("provenance")
                            data__build__provenance = data__build["provenance"]
                            if not isinstance(data__build__provenance, (str, bool)):
                                raise Invalid
                        if "sbom" in data__build_keys:
                            data__build_keys.remove("sbom")
                            data__build__sbom = data__build["sbom"]
                            if not isinstance(data__build__sbom, (str, bool)):
                                raise Invalid
                        if "pull" in data__build_keys:
                            data__build_keys.remove("pull")
                            data__build__pull = data__build["pull"]
                            if not isinstance(data__build__pull, (bool, str)):
                                raise Invalid
                        if "target" in data__build_keys:
                            data__build_keys.remove("target")
                            data__build__target = data__build["target"]
                            if not isinstance(data__build__target, (str)):
                                raise Invalid
                        if "shm_size" in data__build_keys:
                            data__build_keys.remove("shm_size")
                            data__build__shmsize = data__build["shm_size"]
                            if not isinstance(data__build__shmsize, (int, str)) and not (isinstance(data__build__shmsize, float) and data__build__shmsize.is_integer()) or isinstance(data__build__shmsize, bool):
                                raise Invalid
                        if "extra_hosts" in data__build_keys:
                            data__build_keys.remove("extra_hosts")
                            data__build__extrahosts = data__build["extra_hosts"]
                            validate___definitions_extra_hosts(data__build__extrahosts)
                        if "isolation" in data__build_keys:
                            data__build_keys.remove("isolation")
                            data__build__isolation = data__build["isolation"]
                            if not isinstance(data__build__isolation, (str)):
                                raise Invalid
                        if "privileged" in data__build_keys:
                            data__build_keys.remove("privileged")
                            data__build__privileged = data__build["privileged"]
                            if not isinstance(data__build__privileged, (bool, str)):
                                raise Invalid
                        if "secrets" in data__build_keys:
                            data__build_keys.remove("secrets")
                            data__build__secrets = data__build["secrets"]
                            validate___definitions_service_config_or_secret(data__build__secrets)
                        if "tags" in data__build_keys:
                            data__build_keys.remove("tags")
                            data__build__tags = data__build["tags"]
                            if not isinstance(data__build__tags, (list, tuple)):
                                raise Invalid
                            data__build__tags_is_list = isinstance(data__build__tags, (list, tuple))
                            if data__build__tags_is_list:
                                data__build__tags_len = len(data__build__tags)
                                for data__build__tags_x, data__build__tags_item in enumerate(data__build__tags):
                                    if not isinstance(data__build__tags_item, (str)):
                                        raise Invalid
                        if "ulimits" in data__build_keys:
                            data__build_keys.remove("ulimits")
                            data__build__ulimits = data__build["ulimits"]
                            validate___definitions_ulimits(data__build__ulimits)
                        if "platforms" in data__build_keys:
                            data__build_keys.remove("platforms")
                            data__build__platforms = data__build["platforms"]
                            if not isinstance(data__build__platforms, (list, tuple)):
                                raise Invalid
                            data__build__platforms_is_list = isinstance(data__build__platforms, (list, tuple))
                            if data__build__platforms_is_list:
                                data__build__platforms_len = len(data__build__platforms)
                                for data__build__platforms_x, data__build__platforms_item in enumerate(data__build__platforms):
                                    if not isinstance(data__build__platforms_item, (str)):
                                        raise Invalid
                        for data__build_key, data__build_val in data__build.items():
                            if REGEX_PATTERNS['^x-'].search(data__build_key):
                                if data__build_key in data__build_keys:
                                    data__build_keys.remove(data__build_key)
                        if data__build_keys:
                            raise Invalid
                    data__build_one_of_count2 += 1
                except Invalid: pass
            if data__build_one_of_count2 != 1:
                raise Invalid
        if "blkio_config" in data_keys:
            data_keys.remove("blkio_config")
            data__blkioconfig = data["blkio_config"]
            if not isinstance(data__blkioconfig, (dict)):
                raise Invalid
            data__blkioconfig_is_dict = isinstance(data__blkioconfig, dict)
            if data__blkioconfig_is_dict:
                data__blkioconfig_keys = set(data__blkioconfig.keys())
                if "device_read_bps" in data__blkioconfig_keys:
                    data__blkioconfig_keys.remove("device_read_bps")
                    data__blkioconfig__devicereadbps = data__blkioconfig["device_read_bps"]
                    if not isinstance(data__blkioconfig__devicereadbps, (list, tuple)):
                        raise Invalid
                    data__blkioconfig__devicereadbps_is_list = isinstance(data__blkioconfig__devicereadbps, (list, tuple))
                    if data__blkioconfig__devicereadbps_is_list:
                        data__blkioconfig__devicereadbps_len = len(data__blkioconfig__devicereadbps)
                        for data__blkioconfig__devicereadbps_x, data__blkioconfig__devicereadbps_item in enumerate(data__blkioconfig__devicereadbps):
                            validate___definitions_blkio_limit(data__blkioconfig__devicereadbps_item)
                if "device_read_iops" in data__blkioconfig_keys:
                    data__blkioconfig_keys.remove("device_read_iops")
                    data__blkioconfig__devicereadiops = data__blkioconfig["device_read_iops"]
                    if not isinstance(data__blkioconfig__devicereadiops, (list, tuple)):
                        raise Invalid
                    data__blkioconfig__devicereadiops_is_list = isinstance(data__blkioconfig__devicereadiops, (list, tuple))
                    if data__blkioconfig__devicereadiops_is_list:
                        data__blkioconfig__devicereadiops_len = len(data__blkioconfig__devicereadiops)
                        for data__blkioconfig__devicereadiops_x, data__blkioconfig__devicereadiops_item in enumerate(data__blkioconfig__devicereadiops):
                            validate___definitions_blkio_limit(data__blkioconfig__devicereadiops_item)
                if "device_write_bps" in data__blkioconfig_keys:
                    data__blkioconfig_keys.remove("device_write_bps")
                    data__blkioconfig__devicewritebps = data__blkioconfig["device_write_bps"]
                    if not isinstance(data__blkioconfig__devicewritebps, (list, tuple)):
                        raise Invalid
                    data__blkioconfig__devicewritebps_is_list = isinstance(data__blkioconfig__devicewritebps, (list, tuple))
                    if data__blkioconfig__devicewritebps_is_list:
                        data__blkioconfig__devicewritebps_len = len(data__blkioconfig__devicewritebps)
                        for data__blkioconfig__devicewritebps_x, data__blkioconfig__devicewritebps_item in enumerate(data__blkioconfig__devicewritebps):
                            validate___definitions_blkio_limit(data__blkioconfig__devicewritebps_item)
                if "device_write_iops" in data__blkioconfig_keys:
                    data__blkioconfig_keys.remove("device_write_iops")
                    data__blkioconfig__devicewriteiops = data__blkioconfig["device_write_iops"]
                    if not isinstance(data__blkioconfig__devicewriteiops, (list, tuple)):
                        raise Invalid
                    data__blkioconfig__devicewriteiops_is_list = isinstance(data__blkioconfig__devicewriteiops, (list, tuple))
                    if data__blkioconfig__devicewriteiops_is_list:
                        data__blkioconfig__devicewriteiops_len = len(data__blkioconfig__devicewriteiops)
                        for data__blkioconfig__devicewriteiops_x, data__blkioconfig__devicewriteiops_item in enumerate(data__blkioconfig__devicewriteiops):
                            validate___definitions_blkio_limit(data__blkioconfig__devicewriteiops_item)
                if "weight" in data__blkioconfig_keys:
                    data__blkioconfig_keys.remove("weight")
                    data__blkioconfig__weight = data__blkioconfig["weight"]
                    if not isinstance(data__blkioconfig__weight, (int, str)) and not (isinstance(data__blkioconfig__weight, float) and data__blkioconfig__weight.is_integer()) or isinstance(data__blkioconfig__weight, bool):
                        raise Invalid
                if "weight_device" in data__blkioconfig_keys:
                    data__blkioconfig_keys.remove("weight_device")
                    data__blkioconfig__weightdevice = data__blkioconfig["weight_device"]
                    if not isinstance(data__blkioconfig__weightdevice, (list, tuple)):
                        raise Invalid
                    data__blkioconfig__weightdevice_is_list = isinstance(data__blkioconfig__weightdevice, (list, tuple))
                    if data__blkioconfig__weightdevice_is_list:
                        data__blkioconfig__weightdevice_len = len(data__blkioconfig__weightdevice)
                        for data__blkioconfig__weightdevice_x, data__blkioconfig__weightdevice_item in enumerate(data__blkioconfig__weightdevice):
                            validate___definitions_blkio_weight(data__blkioconfig__weightdevice_item)
                if data__blkioconfig_keys:
                    raise Invalid
        if "cap_add" in data_keys:
            data_keys.remove("cap_add")
            data__capadd = data["cap_add"]
            if not isinstance(data__capadd, (list, tuple)):
                raise Invalid
            data__capadd_is_list = isinstance(data__capadd, (list, tuple))
            if data__capadd_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__capadd_len = len(data__capadd)
                if data__capadd_len > len(set(fn(data__capadd_x) for data__capadd_x in data__capadd)):
                    raise Invalid
                for data__capadd_x, data__capadd_item in enumerate(data__capadd):
                    if not isinstance(data__capadd_item, (str)):
                        raise Invalid
        if "cap_drop" in data_keys:
            data_keys.remove("cap_drop")
            data__capdrop = data["cap_drop"]
            if not isinstance(data__capdrop, (list, tuple)):
                raise Invalid
            data__capdrop_is_list = isinstance(data__capdrop, (list, tuple))
            if data__capdrop_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__capdrop_len = len(data__capdrop)
                if data__capdrop_len > len(set(fn(data__capdrop_x) for data__capdrop_x in data__capdrop)):
                    raise Invalid
                for data__capdrop_x, data__capdrop_item in enumerate(data__capdrop):
                    if not isinstance(data__capdrop_item, (str)):
                        raise Invalid
        if "cgroup" in data_keys:
            data_keys.remove("cgroup")
            data__cgroup = data["cgroup"]
            if not isinstance(data__cgroup, (str)):
                raise Invalid
            if not (isinstance(data__cgroup, str) and data__cgroup == 'host' or isinstance(data__cgroup, str) and data__cgroup == 'private'):
                raise Invalid
        if "cgroup_parent" in data_keys:
            data_keys.remove("cgroup_parent")
            data__cgroupparent = data["cgroup_parent"]
            if not isinstance(data__cgroupparent, (str)):
                raise Invalid
        if "command" in data_keys:
            data_keys.remove("command")
            data__command = data["command"]
            validate___definitions_command(data__command)
        if "configs" in data_keys:
            data_keys.remove("configs")
            data__configs = data["configs"]
            validate___definitions_service_config_or_secret(data__configs)
        if "container_name" in data_keys:
            data_keys.remove("container_name")
            data__containername = data["container_name"]
            if not isinstance(data__containername, (str)):
                raise Invalid
            if isinstance(data__containername, str):
                if not REGEX_PATTERNS['[a-zA-Z0-9][a-zA-Z0-9_.-]+'].search(data__containername):
                    raise Invalid
        if "cpu_count" in data_keys:
            data_keys.remove("cpu_count")
            data__cpucount = data["cpu_count"]
            data__cpucount_one_of_count3 = 0
            if data__cpucount_one_of_count3 < 2:
                try:
                    if not isinstance(data__cpucount, (str)):
                        raise Invalid
                    data__cpucount_one_of_count3 += 1
                except Invalid: pass
            if data__cpucount_one_of_count3 < 2:
                try:
                    if not isinstance(data__cpucount, (int)) and not (isinstance(data__cpucount, float) and data__cpucount.is_integer()) or isinstance(data__cpucount, bool):
                        raise Invalid
                    if isinstance(data__cpucount, (int, float)) and not isinstance(data__cpucount, bool):
                        if data__cpucount < 0:
                            raise Invalid
                    data__cpucount_one_of_count3 += 1
                except Invalid: pass
            if data__cpucount_one_of_count3 != 1:
                raise Invalid
        if "cpu_percent" in data_keys:
            data_keys.remove("cpu_percent")
            data__cpupercent = data["cpu_percent"]
            data__cpupercent_one_of_count4 = 0
            if data__cpupercent_one_of_count4 < 2:
                try:
                    if not isinstance(data__cpupercent, (str)):
                        raise Invalid
                    data__cpupercent_one_of_count4 += 1
                except Invalid: pass
            if data__cpupercent_one_of_count4 < 2:
                try:
                    if not isinstance(data__cpupercent, (int)) and not (isinstance(data__cpupercent, float) and data__cpupercent.is_integer()) or isinstance(data__cpupercent, bool):
                        raise Invalid
                    if isinstance(data__cpupercent, (int, float)) and not isinstance(data__cpupercent, bool):
                        if data__cpupercent < 0:
                            raise Invalid
                        if data__cpupercent > 100:
                            raise Invalid
                    data__cpupercent_one_of_count4 += 1
                except Invalid: pass
            if data__cpupercent_one_of_count4 != 1:
                raise Invalid
        if "cpu_shares" in data_keys:
            data_keys.remove("cpu_shares")
            data__cpushares = data["cpu_shares"]
            if not isinstance(data__cpushares, (int, float, str)) or isinstance(data__cpushares, bool):
                raise Invalid
        if "cpu_quota" in data_keys:
            data_keys.remove("cpu_quota")
            data__cpuquota = data["cpu_quota"]
            if not isinstance(data__cpuquota, (int, float, str)) or isinstance(data__cpuquota, bool):
                raise Invalid
        if "cpu_period" in data_keys:
            data_keys.remove("cpu_period")
            data__cpuperiod = data["cpu_period"]
            if not isinstance(data__cpuperiod, (int, float, str)) or isinstance(data__cpuperiod, bool):
                raise Invalid
        if "cpu_rt_period" in data_keys:
            data_keys.remove("cpu_rt_period")
            data__cpurtperiod = data["cpu_rt_period"]
            if not isinstance(data__cpurtperiod, (int, float, str)) or isinstance(data__cpurtperiod, bool):
                raise Invalid
        if "cpu_rt_runtime" in data_keys:
            data_keys.remove("cpu_rt_runtime")
            data__cpurtruntime = data["cpu_rt_runtime"]
            if not isinstance(data__cpurtruntime, (int, float, str)) or isinstance(data__cpurtruntime, bool):
                raise Invalid
        if "cpus" in data_keys:
            data_keys.remove("cpus")
            data__cpus = data["cpus"]
            if not isinstance(data__cpus, (int, float, str)) or isinstance(data__cpus, bool):
                raise Invalid
        if "cpuset" in data_keys:
            data_keys.remove("cpuset")
            data__cpuset = data["cpuset"]
            if not isinstance(data__cpuset, (str)):
                raise Invalid
        if "credential_spec" in data_keys:
            data_keys.remove("credential_spec")
            data__credentialspec = data["credential_spec"]
            if not isinstance(data__credentialspec, (dict)):
                raise Invalid
            data__credentialspec_is_dict = isinstance(data__credentialspec, dict)
            if data__credentialspec_is_dict:
                data__credentialspec_keys = set(data__credentialspec.keys())
                if "config" in data__credentialspec_keys:
                    data__credentialspec_keys.remove("config")
                    data__credentialspec__config = data__credentialspec["config"]
                    if not isinstance(data__credentialspec__config, (str)):
                        raise Invalid
                if "file" in data__credentialspec_keys:
                    data__credentialspec_keys.remove("file")
                    data__credentialspec__file = data__credentialspec["file"]
                    if not isinstance(data__credentialspec__file, (str)):
                        raise Invalid
                if "registry" in data__credentialspec_keys:
                    data__credentialspec_keys.remove("registry")
                    data__credentialspec__registry = data__credentialspec["registry"]
                    if not isinstance(data__credentialspec__registry, (str)):
                        raise Invalid
                for data__credentialspec_key, data__credentialspec_val in data__credentialspec.items():
                    if REGEX_PATTERNS['^x-'].search(data__credentialspec_key):
                        if data__credentialspec_key in data__credentialspec_keys:
                            data__credentialspec_keys.remove(data__credentialspec_key)
                if data__credentialspec_keys:
                    raise Invalid
        if "depends_on" in data_keys:
            data_keys.remove("depends_on")
            data__dependson = data["depends_on"]
            data__dependson_one_of_count5 = 0
            if data__dependson_one_of_count5 < 2:
                try:
                    validate___definitions_list_of_strings(data__dependson)
                    data__dependson_one_of_count5 += 1
                except Invalid: pass
            if data__dependson_one_of_count5 < 2:
                try:
                    if not isinstance(data__dependson, (dict)):
                        raise Invalid
                    data__dependson_is_dict = isinstance(data__dependson, dict)
                    if data__dependson_is_dict:
                        data__dependson_keys = set(data__dependson.keys())
                        for data__dependson_key, data__dependson_val in data__dependson.items():
                            if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__dependson_key):
                                if data__dependson_key in data__dependson_keys:
                                    data__dependson_keys.remove(data__dependson_key)
                                if not isinstance(data__dependson_val, (dict)):
                                    raise Invalid
                                data__dependson_val_is_dict = isinstance(data__dependson_val, dict)
                                if data__dependson_val_is_dict:
                                    data__dependson_val__missing_keys = set(['condition']) - data__dependson_val.keys()
                                    if data__dependson_val__missing_keys:
                                        raise Invalid
                                    data__dependson_val_keys = set(data__dependson_val.keys())
                                    if "restart" in data__dependson_val_keys:
                                        data__dependson_val_keys.remove("restart")
                                        data__dependson_val__restart = data__dependson_val["restart"]
                                        if not isinstance(data__dependson_val__restart, (bool, str)):
                                            raise Invalid
                                    if "required" in data__dependson_val_keys:
                                        data__dependson_val_keys.remove("required")
                                        data__dependson_val__required = data__dependson_val["required"]
                                        if not isinstance(data__dependson_val__required, (bool)):
                                            raise Invalid
                                    if "condition" in data__dependson_val_keys:
                                        data__dependson_val_keys.remove("condition")
                                        data__dependson_val__condition = data__dependson_val["condition"]
                                        if not isinstance(data__dependson_val__condition, (str)):
                                            raise Invalid
                                        if not (isinstance(data__dependson_val__condition, str) and data__dependson_val__condition == 'service_started' or isinstance(data__dependson_val__condition, str) and data__dependson_val__condition == 'service_healthy' or isinstance(data__dependson_val__condition, str) and data__dependson_val__condition == 'service_completed_successfully'):
                                            raise Invalid
                                    for data__dependson_val_key, data__dependson_val_val in data__dependson_val.items():
                                        if REGEX_PATTERNS['^x-'].search(data__dependson_val_key):
                                            if data__dependson_val_key in data__dependson_val_keys:
                                                data__dependson_val_keys.remove(data__dependson_val_key)
                                    if data__dependson_val_keys:
                                        raise Invalid
                        if data__dependson_keys:
                            raise Invalid
                    data__dependson_one_of_count5 += 1
                except Invalid: pass
            if data__dependson_one_of_count5 != 1:
                raise Invalid
        if "device_cgroup_rules" in data_keys:
            data_keys.remove("device_cgroup_rules")
            data__devicecgrouprules = data["device_cgroup_rules"]
            validate___definitions_list_of_strings(data__devicecgrouprules)
        if "devices" in data_keys:
            data_keys.remove("devices")
            data__devices = data["devices"]
            if not isinstance(data__devices, (list, tuple)):
                raise Invalid
            data__devices_is_list = isinstance(data__devices, (list, tuple))
            if data__devices_is_list:
                data__devices_len = len(data__devices)
                for data__devices_x, data__devices_item in enumerate(data__devices):
                    data__devices_item_one_of_count6 = 0
                    if data__devices_item_one_of_count6 < 2:
                        try:
                            if not isinstance(data__devices_item, (str)):
                                raise Invalid
                            data__devices_item_one_of_count6 += 1
                        except Invalid: pass
                    if data__devices_item_one_of_count6 < 2:
                        try:
                            if not isinstance(data__devices_item, (dict)):
                                raise Invalid
                            data__devices_item_is_dict = isinstance(data__devices_item, dict)
                            if data__devices_item_is_dict:
                                data__devices_item__missing_keys = set(['source']) - data__devices_item.keys()
                                if data__devices_item__missing_keys:
                                    raise Invalid
                                data__devices_item_keys = set(data__devices_item.keys())
                                if "source" in data__devices_item_keys:
                                    data__devices_item_keys.remove("source")
                                    data__devices_item__source = data__devices_item["source"]
                                    if not isinstance(data__devices_item__source, (str)):
                                        raise Invalid
                                if "target" in data__devices_item_keys:
                                    data__devices_item_keys.remove("target")
                                    data__devices_item__target = data__devices_item["target"]
                                    if not isinstance(data__devices_item__target, (str)):
                                        raise Invalid
                                if "permissions" in data__devices_item_keys:
                                    data__devices_item_keys.remove("permissions")
                                    data__devices_item__permissions = data__devices_item["permissions"]
                                    if not isinstance(data__devices_item__permissions, (str)):
                                        raise Invalid
                                for data__devices_item_key, data__devices_item_val in data__devices_item.items():
                                    if REGEX_PATTERNS['^x-'].search(data__devices_item_key):
                                        if data__devices_item_key in data__devices_item_keys:
                                            data__devices_item_keys.remove(data__devices_item_key)
                                if data__devices_item_keys:
                                    raise Invalid
                            data__devices_item_one_of_count6 += 1
                        except Invalid: pass
                    if data__devices_item_one_of_count6 != 1:
                        raise Invalid
        if "dns" in data_keys:
            data_keys.remove("dns")
            data__dns = data["dns"]
            validate___definitions_string_or_list(data__dns)
        if "dns_opt" in data_keys:
            data_keys.remove("dns_opt")
            data__dnsopt = data["dns_opt"]
            if not isinstance(data__dnsopt, (list, tuple)):
                raise Invalid
            data__dnsopt_is_list = isinstance(data__dnsopt, (list, tuple))
            if data__dnsopt_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__dnsopt_len = len(data__dnsopt)
                if data__dnsopt_len > len(set(fn(data__dnsopt_x) for data__dnsopt_x in data__dnsopt)):
                    raise Invalid
                for data__dnsopt_x, data__dnsopt_item in enumerate(data__dnsopt):
                    if not isinstance(data__dnsopt_item, (str)):
                        raise Invalid
        if "dns_search" in data_keys:
            data_keys.remove("dns_search")
            data__dnssearch = data["dns_search"]
            validate___definitions_string_or_list(data__dnssearch)
        if "domainname" in data_keys:
            data_keys.remove("domainname")
            data__domainname = data["domainname"]
            if not isinstance(data__domainname, (str)):
                raise Invalid
        if "entrypoint" in data_keys:
            data_keys.remove("entrypoint")
            data__entrypoint = data["entrypoint"]
            validate___definitions_command(data__entrypoint)
        if "env_file" in data_keys:
            data_keys.remove("env_file")
            data__envfile = data["env_file"]
            validate___definitions_env_file(data__envfile)
        if "label_file" in data_keys:
            data_keys.remove("label_file")
            data__labelfile = data["label_file"]
            validate___definitions_label_file(data__labelfile)
        if "environment" in data_keys:
            data_keys.remove("environment")
            data__environment = data["environment"]
            validate___definitions_list_or_dict(data__environment)
        if "expose" in data_keys:
            data_keys.remove("expose")
            data__expose = data["expose"]
            if not isinstance(data__expose, (list, tuple)):
                raise Invalid
            data__expose_is_list = isinstance(data__expose, (list, tuple))
            if data__expose_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__expose_len = len(data__expose)
                if data__expose_len > len(set(fn(data__expose_x) for data__expose_x in data__expose)):
                    raise Invalid
                for data__expose_x, data__expose_item in enumerate(data__expose):
                    if not isinstance(data__expose_item, (str, int, float)) or isinstance(data__expose_item, bool):
                        raise Invalid
        if "extends" in data_keys:
            data_keys.remove("extends")
            data__extends = data["extends"]
            data__extends_one_of_count7 = 0
            if data__extends_one_of_count7 < 2:
                try:
                    if not isinstance(data__extends, (str)):
                        raise Invalid
                    data__extends_one_of_count7 += 1
                except Invalid: pass
            if data__extends_one_of_count7 < 2:
                try:
                    if not isinstance(data__extends, (dict)):
                        raise Invalid
                    data__extends_is_dict = isinstance(data__extends, dict)
                    if data__extends_is_dict:
                        data__extends__missing_keys = set(['service']) - data__extends.keys()
                        if data__extends__missing_keys:
                            raise Invalid
                        data__extends_keys = set(data__extends.keys())
                        if "service" in data__extends_keys:
                            data__extends_keys.remove("service")
                            data__extends__service = data__extends["service"]
                            if not isinstance(data__extends__service, (str)):
                                raise Invalid
                        if "file" in data__extends_keys:
                            data__extends_keys.remove("file")
                            data__extends__file = data__extends["file"]
                            if not isinstance(data__extends__file, (str)):
                                raise Invalid
                        if data__extends_keys:
                            raise Invalid
                    data__extends_one_of_count7 += 1
                except Invalid: pass
            if data__extends_one_of_count7 != 1:
                raise Invalid
        if "provider" in data_keys:
            data_keys.remove("provider")
            data__provider = data["provider"]
            if not isinstance(data__provider, (dict)):
                raise Invalid
            data__provider_is_dict = isinstance(data__provider, dict)
            if data__provider_is_dict:
                data__provider__missing_keys = set(['type']) - data__provider.keys()
                if data__provider__missing_keys:
                    raise Invalid
                data__provider_keys = set(data__provider.keys())
                if "type" in data__provider_keys:
                    data__provider_keys.remove("type")
                    data__provider__type = data__provider["type"]
                    if not isinstance(data__provider__type, (str)):
                        raise Invalid
                if "options" in data__provider_keys:
                    data__provider_keys.remove("options")
                    data__provider__options = data__provider["options"]
                    if not isinstance(data__provider__options, (dict)):
                        raise Invalid
                    data__provider__options_is_dict = isinstance(data__provider__options, dict)
                    if data__provider__options_is_dict:
                        data__provider__options_keys = set(data__provider__options.keys())
                        for data__provider__options_key, data__provider__options_val in data__provider__options.items():
                            if REGEX_PATTERNS['^.+$'].search(data__provider__options_key):
                                if data__provider__options_key in data__provider__options_keys:
                                    data__provider__options_keys.remove(data__provider__options_key)
                                data__provider__options_val_one_of_count8 = 0
                                if data__provider__options_val_one_of_count8 < 2:
                                    try:
                                        if not isinstance(data__provider__options_val, (str, int, float, bool)):
                                            raise Invalid
                                        data__provider__options_val_one_of_count8 += 1
                                    except Invalid: pass
                                if data__provider__options_val_one_of_count8 < 2:
                                    try:
                                        if not isinstance(data__provider__options_val, (list, tuple)):
                                            raise Invalid
                                        data__provider__options_val_is_list = isinstance(data__provider__options_val, (list, tuple))
                                        if data__provider__options_val_is_list:
                                            data__provider__options_val_len = len(data__provider__options_val)
                                            for data__provider__options_val_x, data__provider__options_val_item in enumerate(data__provider__options_val):
                                                if not isinstance(data__provider__options_val_item, (str, int, float, bool)):
                                                    raise Invalid
                                        data__provider__options_val_one_of_count8 += 1
                                    except Invalid: pass
                                if data__provider__options_val_one_of_count8 != 1:
                                    raise Invalid
                for data__provider_key, data__provider_val in data__provider.items():
                    if REGEX_PATTERNS['^x-'].search(data__provider_key):
                        if data__provider_key in data__provider_keys:
                            data__provider_keys.remove(data__provider_key)
                if data__provider_keys:
                    raise Invalid
        if "external_links" in data_keys:
            data_keys.remove("external_links")
            data__externallinks = data["external_links"]
            if not isinstance(data__externallinks, (list, tuple)):
                raise Invalid
            data__externallinks_is_list = isinstance(data__externallinks, (list, tuple))
            if data__externallinks_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__externallinks_len = len(data__externallinks)
                if data__externallinks_len > len(set(fn(data__externallinks_x) for data__externallinks_x in data__externallinks)):
                    raise Invalid
                for data__externallinks_x, data__externallinks_item in enumerate(data__externallinks):
                    if not isinstance(data__externallinks_item, (str)):
                        raise Invalid
        if "extra_hosts" in data_keys:
            data_keys.remove("extra_hosts")
            data__extrahosts = data["extra_hosts"]
            validate___definitions_extra_hosts(data__extrahosts)
        if "gpus" in data_keys:
            data_keys.remove("gpus")
            data__gpus = data["gpus"]
            validate___definitions_gpus(data__gpus)
        if "group_add" in data_keys:
            data_keys.remove("group_add")
            data__groupadd = data["group_add"]
            if not isinstance(data__groupadd, (list, tuple)):
                raise Invalid
            data__groupadd_is_list = isinstance(data__groupadd, (list, tuple))
            if data__groupadd_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__groupadd_len = len(data__groupadd)
                if data__groupadd_len > len(set(fn(data__groupadd_x) for data__groupadd_x in data__groupadd)):
                    raise Invalid
                for data__groupadd_x, data__groupadd_item in enumerate(data__groupadd):
                    if not isinstance(data__groupadd_item, (str, int, float)) or isinstance(data__groupadd_item, bool):
                        raise Invalid
        if "healthcheck" in data_keys:
            data_keys.remove("healthcheck")
            data__healthcheck = data["healthcheck"]
            validate___definitions_healthcheck(data__healthcheck)
        if "hostname" in data_keys:
            data_keys.remove("hostname")
            data__hostname = data["hostname"]
            if not isinstance(data__hostname, (str)):
                raise Invalid
        if "image" in data_keys:
            data_keys.remove("image")
            data__image = data["image"]
            if not isinstance(data__image, (str)):
                raise Invalid
        if "init" in data_keys:
            data_keys.remove("init")
            data__init = data["init"]
            if not isinstance(data__init, (bool, str)):
                raise Invalid
        if "ipc" in data_keys:
            data_keys.remove("ipc")
            data__ipc = data["ipc"]
            if not isinstance(data__ipc, (str)):
                raise Invalid
        if "isolation" in data_keys:
            data_keys.remove("isolation")
            data__isolation = data["isolation"]
            if not isinstance(data__isolation, (str)):
                raise Invalid
        if "labels" in data_keys:
            data_keys.remove("labels")
            data__labels = data["labels"]
            validate___definitions_list_or_dict(data__labels)
        if "links" in data_keys:
            data_keys.remove("links")
            data__links = data["links"]
            if not isinstance(data__links, (list, tuple)):
                raise Invalid
            data__links_is_list = isinstance(data__links, (list, tuple))
            if data__links_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__links_len = len(data__links)
                if data__links_len > len(set(fn(data__links_x) for data__links_x in data__links)):
                    raise Invalid
                for data__links_x, data__links_item in enumerate(data__links):
                    if not isinstance(data__links_item, (str)):
                        raise Invalid
        if "logging" in data_keys:
            data_keys.remove("logging")
            data__logging = data["logging"]
            if not isinstance(data__logging, (dict)):
                raise Invalid
            data__logging_is_dict = isinstance(data__logging, dict)
            if data__logging_is_dict:
                data__logging_keys = set(data__logging.keys())
                if "driver" in data__logging_keys:
                    data__logging_keys.remove("driver")
                    data__logging__driver = data__logging["driver"]
                    if not isinstance(data__logging__driver, (str)):
                        raise Invalid
                if "options" in data__logging_keys:
                    data__logging_keys.remove("options")
                    data__logging__options = data__logging["options"]
                    if not isinstance(data__logging__options, (dict)):
                        raise Invalid
                    data__logging__options_is_dict = isinstance(data__logging__options, dict)
                    if data__logging__options_is_dict:
                        data__logging__options_keys = set(data__logging__options.keys())
                        for data__logging__options_key, data__logging__options_val in data__logging__options.items():
                            if REGEX_PATTERNS['^.+$'].search(data__logging__options_key):
                                if data__logging__options_key in data__logging__options_keys:
                                    data__logging__options_keys.remove(data__logging__options_key)
                                if not isinstance(data__logging__options_val, (str, int, float, NoneType)) or isinstance(data__logging__options_val, bool):
                                    raise Invalid
                for data__logging_key, data__logging_val in data__logging.items():
                    if REGEX_PATTERNS['^x-'].search(data__logging_key):
                        if data__logging_key in data__logging_keys:
                            data__logging_keys.remove(data__logging_key)
                if data__logging_keys:
                    raise Invalid
        if "mac_address" in data_keys:
            data_keys.remove("mac_address")
            data__macaddress = data["mac_address"]
            if not isinstance(data__macaddress, (str)):
                raise Invalid
        if "mem_limit" in data_keys:
            data_keys.remove("mem_limit")
            data__memlimit = data["mem_limit"]
            if not isinstance(data__memlimit, (int, float, str)) or isinstance(data__memlimit, bool):
                raise Invalid
        if "mem_reservation" in data_keys:
            data_keys.remove("mem_reservation")
            data__memreservation = data["mem_reservation"]
            if not isinstance(data__memreservation, (str, int)) and not (isinstance(data__memreservation, float) and data__memreservation.is_integer()) or isinstance(data__memreservation, bool):
                raise Invalid
        if "mem_swappiness" in data_keys:
            data_keys.remove("mem_swappiness")
            data__memswappiness = data["mem_swappiness"]
            if not isinstance(data__memswappiness, (int, str)) and not (isinstance(data__memswappiness, float) and data__memswappiness.is_integer()) or isinstance(data__memswappiness, bool):
                raise Invalid
        if "memswap_limit" in data_keys:
            data_keys.remove("memswap_limit")
            data__memswaplimit = data["memswap_limit"]
            if not isinstance(data__memswaplimit, (int, float, str)) or isinstance(data__memswaplimit, bool):
                raise Invalid
        if "network_mode" in data_keys:
            data_keys.remove("network_mode")
            data__networkmode = data["network_mode"]
            if not isinstance(data__networkmode, (str)):
                raise Invalid
        if "models" in data_keys:
            data_keys.remove("models")
            data__models = data["models"]
            data__models_one_of_count9 = 0
            if data__models_one_of_count9 < 2:
                try:
                    validate___definitions_list_of_strings(data__models)
                    data__models_one_of_count9 += 1
                except Invalid: pass
            if data__models_one_of_count9 < 2:
                try:
                    if not isinstance(data__models, (dict)):
                        raise Invalid
                    data__models_is_dict = isinstance(data__models, dict)
                    if data__models_is_dict:
                        data__models_keys = set(data__models.keys())
                        for data__models_key, data__models_val in data__models.items():
                            if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__models_key):
                                if data__models_key in data__models_keys:
                                    data__models_keys.remove(data__models_key)
                                data__models_val_one_of_count10 = 0
                                if data__models_val_one_of_count10 < 2:
                                    try:
                                        if not isinstance(data__models_val, (dict)):
                                            raise Invalid
                                        data__models_val_is_dict = isinstance(data__models_val, dict)
                                        if data__models_val_is_dict:
                                            data__models_val_keys = set(data__models_val.keys())
                                            if "endpoint_var" in data__models_val_keys:
                                                data__models_val_keys.remove("endpoint_var")
                                                data__models_val__endpointvar = data__models_val["endpoint_var"]
                                                if not isinstance(data__models_val__endpointvar, (str)):
                                                    raise Invalid
                                            if "model_var" in data__models_val_keys:
                                                data__models_val_keys.remove("model_var")
                                                data__models_val__modelvar = data__models_val["model_var"]
                                                if not isinstance(data__models_val__modelvar, (str)):
                                                    raise Invalid
                                            for data__models_val_key, data__models_val_val in data__models_val.items():
                                                if REGEX_PATTERNS['^x-'].search(data__models_val_key):
                                                    if data__models_val_key in data__models_val_keys:
                                                        data__models_val_keys.remove(data__models_val_key)
                                            if data__models_val_keys:
                                                raise Invalid
                                        data__models_val_one_of_count10 += 1
                                    except Invalid: pass
                                if data__models_val_one_of_count10 < 2:
                                    try:
                                        if not isinstance(data__models_val, (NoneType)):
                                            raise Invalid
                                        data__models_val_one_of_count10 += 1
                                    except Invalid: pass
                                if data__models_val_one_of_count10 != 1:
                                    raise Invalid
                    data__models_one_of_count9 += 1
                except Invalid: pass
            if data__models_one_of_count9 != 1:
                raise Invalid
        if "networks" in data_keys:
            data_keys.remove("networks")
            data__networks = data["networks"]
            data__networks_one_of_count11 = 0
            if data__networks_one_of_count11 < 2:
                try:
                    validate___definitions_list_of_strings(data__networks)
                    data__networks_one_of_count11 += 1
                except Invalid: pass
            if data__networks_one_of_count11 < 2:
                try:
                    if not isinstance(data__networks, (dict)):
                        raise Invalid
                    data__networks_is_dict = isinstance(data__networks, dict)
                    if data__networks_is_dict:
                        data__networks_keys = set(data__networks.keys())
                        for data__networks_key, data__networks_val in data__networks.items():
                            if REGEX_PATTERNS['^[a-zA-Z0-9._-]+$'].search(data__networks_key):
                                if data__networks_key in data__networks_keys:
                                    data__networks_keys.remove(data__networks_key)
                                data__networks_val_one_of_count12 = 0
                                if data__networks_val_one_of_count12 < 2:
                                    try:
                                        if not isinstance(data__networks_val, (dict)):
                                            raise Invalid
                                        data__networks_val_is_dict = isinstance(data__networks_val, dict)
                                        if data__networks_val_is_dict:
                                            data__networks_val_keys = set(data__networks_val.keys())
                                            if "aliases" in data__networks_val_keys:
                                                data__networks_val_keys.remove("aliases")
                                                data__networks_val__aliases = data__networks_val["aliases"]
                                                validate___definitions_list_of_strings(data__networks_val__aliases)
                                            if "interface_name" in data__networks_val_keys:
                                                data__networks_val_keys.remove("interface_name")
                                                data__networks_val__interfacename = data__networks_val["interface_name"]
                                                if not isinstance(data__networks_val__interfacename, (str)):
                                                    raise Invalid
                                            if "ipv4_address" in data__networks_val_keys:
                                                data__networks_val_keys.remove("ipv4_address")
                                                data__networks_val__ipv4address = data__networks_val["ipv4_address"]
                                                if not isinstance(data__networks_val__ipv4address, (str)):
                                                    raise Invalid
                                            if "ipv6_address" in data__networks_val_keys:
                                                data__networks_val_keys.remove("ipv6_address")
                                                data__networks_val__ipv6address = data__networks_val["ipv6_address"]
                                                if not isinstance(data__networks_val__ipv6address, (str)):
                                                    raise Invalid
                                            if "link_local_ips" in data__networks_val_keys:
                                                data__networks_val_keys.remove("link_local_ips")
                                                data__networks_val__linklocalips = data__networks_val["link_local_ips"]
                                                validate___definitions_list_of_strings(data__networks_val__linklocalips)
                                            if "mac_address" in data__networks_val_keys:
                                                data__networks_val_keys.remove("mac_address")
                                                data__networks_val__macaddress = data__networks_val["mac_address"]
                                                if not isinstance(data__networks_val__macaddress, (str)):
                                                    raise Invalid
                                            if "driver_opts" in data__networks_val_keys:
                                                data__networks_val_keys.remove("driver_opts")
                                                data__networks_val__driveropts = data__networks_val["driver_opts"]
                                                if not isinstance(data__networks_val__driveropts, (dict)):
                                                    raise Invalid
                                                data__networks_val__driveropts_is_dict = isinstance(data__networks_val__driveropts, dict)
                                                if data__networks_val__driveropts_is_dict:
                                                    data__networks_val__driveropts_keys = set(data__networks_val__driveropts.keys())
                                                    for data__networks_val__driveropts_key, data__networks_val__driveropts_val in data__networks_val__driveropts.items():
                                                        if REGEX_PATTERNS['^.+$'].search(data__networks_val__driveropts_key):
                                                            if data__networks_val__driveropts_key in data__networks_val__driveropts_keys:
                                                                data__networks_val__driveropts_keys.remove(data__networks_val__driveropts_key)
                                                            if not isinstance(data__networks_val__driveropts_val, (str, int, float)) or isinstance(data__networks_val__driveropts_val, bool):
                                                                raise Invalid
                                            if "priority" in data__networks_val_keys:
                                                data__networks_val_keys.remove("priority")
                                                data__networks_val__priority = data__networks_val["priority"]
                                                if not isinstance(data__networks_val__priority, (int, float)) or isinstance(data__networks_val__priority, bool):
                                                    raise Invalid
                                            if "gw_priority" in data__networks_val_keys:
                                                data__networks_val_keys.remove("gw_priority")
                                                data__networks_val__gwpriority = data__networks_val["gw_priority"]
                                                if not isinstance(data__networks_val__gwpriority, (int, float)) or isinstance(data__networks_val__gwpriority, bool):
                                                    raise Invalid
                                            for data__networks_val_key, data__networks_val_val in data__networks_val.items():
                                                if REGEX_PATTERNS['^x-'].search(data__networks_val_key):
                                                    if data__networks_val_key in data__networks_val_keys:
                                                        data__networks_val_keys.remove(data__networks_val_key)
                                            if data__networks_val_keys:
                                                raise Invalid
                                        data__networks_val_one_of_count12 += 1
                                    except Invalid: pass
                                if data__networks_val_one_of_count12 < 2:
                                    try:
                                        if not isinstance(data__networks_val, (NoneType)):
                                            raise Invalid
                                        data__networks_val_one_of_count12 += 1
                                    except Invalid: pass
                                if data__networks_val_one_of_count12 != 1:
                                    raise Invalid
                        if data__networks_keys:
                            raise Invalid
                    data__networks_one_of_count11 += 1
                except Invalid: pass
            if data__networks_one_of_count11 != 1:
                raise Invalid
        if "oom_kill_disable" in data_keys:
            data_keys.remove("oom_kill_disable")
            data__oomkilldisable = data["oom_kill_disable"]
            if not isinstance(data__oomkilldisable, (bool, str)):
                raise Invalid
        if "oom_score_adj" in data_keys:
            data_keys.remove("oom_score_adj")
            data__oomscoreadj = data["oom_score_adj"]
            data__oomscoreadj_one_of_count13 = 0
            if data__oomscoreadj_one_of_count13 < 2:
                try:
                    if not isinstance(data__oomscoreadj, (str)):
                        raise Invalid
                    data__oomscoreadj_one_of_count13 += 1
                except Invalid: pass
            if data__oomscoreadj_one_of_count13 < 2:
                try:
                    if not isinstance(data__oomscoreadj, (int)) and not (isinstance(data__oomscoreadj, float) and data__oomscoreadj.is_integer()) or isinstance(data__oomscoreadj, bool):
                        raise Invalid
                    if isinstance(data__oomscoreadj, (int, float)) and not isinstance(data__oomscoreadj, bool):
                        if data__oomscoreadj < -1000:
                            raise Invalid
                        if data__oomscoreadj > 1000:
                            raise Invalid
                    data__oomscoreadj_one_of_count13 += 1
                except Invalid: pass
            if data__oomscoreadj_one_of_count13 != 1:
                raise Invalid
        if "pid" in data_keys:
            data_keys.remove("pid")
            data__pid = data["pid"]
            if not isinstance(data__pid, (str, NoneType)):
                raise Invalid
        if "pids_limit" in data_keys:
            data_keys.remove("pids_limit")
            data__pidslimit = data["pids_limit"]
            if not isinstance(data__pidslimit, (int, float, str)) or isinstance(data__pidslimit, bool):
                raise Invalid
        if "platform" in data_keys:
            data_keys.remove("platform")
            data__platform = data["platform"]
            if not isinstance(data__platform, (str)):
                raise Invalid
        if "ports" in data_keys:
            data_keys.remove("ports")
            data__ports = data["ports"]
            if not isinstance(data__ports, (list, tuple)):
                raise Invalid
            data__ports_is_list = isinstance(data__ports, (list, tuple))
            if data__ports_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__ports_len = len(data__ports)
                if data__ports_len > len(set(fn(data__ports_x) for data__ports_x in data__ports)):
                    raise Invalid
                for data__ports_x, data__ports_item in enumerate(data__ports):
                    data__ports_item_one_of_count14 = 0
                    if data__ports_item_one_of_count14 < 2:
                        try:
                            if not isinstance(data__ports_item, (int, float)) or isinstance(data__ports_item, bool):
                                raise Invalid
                            data__ports_item_one_of_count14 += 1
                        except Invalid: pass
                    if data__ports_item_one_of_count14 < 2:
                        try:
                            if not isinstance(data__ports_item, (str)):
                                raise Invalid
                            data__ports_item_one_of_count14 += 1
                        except Invalid: pass
                    if data__ports_item_one_of_count14 < 2:
                        try:
                            if not isinstance(data__ports_item, (dict)):
                                raise Invalid
                            data__ports_item_is_dict = isinstance(data__ports_item, dict)
                            if data__ports_item_is_dict:
                                data__ports_item_keys = set(data__ports_item.keys())
                                if "name" in data__ports_item_keys:
                                    data__ports_item_keys.remove("name")
                                    data__ports_item__name = data__ports_item["name"]
                                    if not isinstance(data__ports_item__name, (str)):
                                        raise Invalid
                                if "mode" in data__ports_item_keys:
                                    data__ports_item_keys.remove("mode")
                                    data__ports_item__mode = data__ports_item["mode"]
                                    if not isinstance(data__ports_item__mode, (str)):
                                        raise Invalid
                                if "host_ip" in data__ports_item_keys:
                                    data__ports_item_keys.remove("host_ip")
                                    data__ports_item__hostip = data__ports_item["host_ip"]
                                    if not isinstance(data__ports_item__hostip, (str)):
                                        raise Invalid
                                if "target" in data__ports_item_keys:
                                    data__ports_item_keys.remove("target")
                                    data__ports_item__target = data__ports_item["target"]
                                    if not isinstance(data__ports_item__target, (int, str)) and not (isinstance(data__ports_item__target, float) and data__ports_item__target.is_integer()) or isinstance(data__ports_item__target, bool):
                                        raise Invalid
                                if "published" in data__ports_item_keys:
                                    data__ports_item_keys.remove("published")
                                    data__ports_item__published = data__ports_item["published"]
                                    if not isinstance(data__ports_item__published, (str, int)) and not (isinstance(data__ports_item__published, float) and data__ports_item__published.is_integer()) or isinstance(data__ports_item__published, bool):
                                        raise Invalid
                                if "protocol" in data__ports_item_keys:
                                    data__ports_item_keys.remove("protocol")
                                    data__ports_item__protocol = data__ports_item["protocol"]
                                    if not isinstance(data__ports_item__protocol, (str)):
                                        raise Invalid
                                if "app_protocol" in data__ports_item_keys:
                                    data__ports_item_keys.remove("app_protocol")
                                    data__ports_item__appprotocol = data__ports_item["app_protocol"]
                                    if not isinstance(data__ports_item__appprotocol, (str)):
                                        raise Invalid
                                for data__ports_item_key, data__ports_item_val in data__ports_item.items():
                                    if REGEX_PATTERNS['^x-'].search(data__ports_item_key):
                                        if data__ports_item_key in data__ports_item_keys:
                                            data__ports_item_keys.remove(data__ports_item_key)
                                if data__ports_item_keys:
                                    raise Invalid
                            data__ports_item_one_of_count14 += 1
                        except Invalid: pass
                    if data__ports_item_one_of_count14 != 1:
                        raise Invalid
        if "post_start" in data_keys:
            data_keys.remove("post_start")
            data__poststart = data["post_start"]
            if not isinstance(data__poststart, (list, tuple)):
                raise Invalid
            data__poststart_is_list = isinstance(data__poststart, (list, tuple))
            if data__poststart_is_list:
                data__poststart_len = len(data__poststart)
                for data__poststart_x, data__poststart_item in enumerate(data__poststart):
                    validate___definitions_service_hook(data__poststart_item)
        if "pre_stop" in data_keys:
            data_keys.remove("pre_stop")
            data__prestop = data["pre_stop"]
            if not isinstance(data__prestop, (list, tuple)):
                raise Invalid
            data__prestop_is_list = isinstance(data__prestop, (list, tuple))
            if data__prestop_is_list:
                data__prestop_len = len(data__prestop)
                for data__prestop_x, data__prestop_item in enumerate(data__prestop):
                    validate___definitions_service_hook(data__prestop_item)
        if "privileged" in data_keys:
            data_keys.remove("privileged")
            data__privileged = data["privileged"]
            if not isinstance(data__privileged, (bool, str)):
                raise Invalid
        if "profiles" in data_keys:
            data_keys.remove("profiles")
            data__profiles = data["profiles"]
            validate___definitions_list_of_strings(data__profiles)
        if "pull_policy" in data_keys:
            data_keys.remove("pull_policy")
            data__pullpolicy = data["pull_policy"]
            if not isinstance(data__pullpolicy, (str)):
                raise Invalid
            if isinstance(data__pullpolicy, str):
                if not REGEX_PATTERNS['always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+'].search(data__pullpolicy):
                    raise Invalid
        if "pull_refresh_after" in data_keys:
            data_keys.remove("pull_refresh_after")
            data__pullrefreshafter = data["pull_refresh_after"]
            if not isinstance(data__pullrefreshafter, (str)):
                raise Invalid
        if "read_only" in data_keys:
            data_keys.remove("read_only")
            data__readonly = data["read_only"]
            if not isinstance(data__readonly, (bool, str)):
                raise Invalid
        if "restart" in data_keys:
            data_keys.remove("restart")
            data__restart = data["restart"]
            if not isinstance(data__restart, (str)):
                raise Invalid
        if "runtime" in data_keys:
            data_keys.remove("runtime")
            data__runtime = data["runtime"]
            if not isinstance(data__runtime, (str)):
                raise Invalid
        if "scale" in data_keys:
            data_keys.remove("scale")
            data__scale = data["scale"]
            if not isinstance(data__scale, (int, str)) and not (isinstance(data__scale, float) and data__scale.is_integer()) or isinstance(data__scale, bool):
                raise Invalid
        if "security_opt" in data_keys:
            data_keys.remove("security_opt")
            data__securityopt = data["security_opt"]
            if not isinstance(data__securityopt, (list, tuple)):
                raise Invalid
            data__securityopt_is_list = isinstance(data__securityopt, (list, tuple))
            if data__securityopt_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__securityopt_len = len(data__securityopt)
                if data__securityopt_len > len(set(fn(data__securityopt_x) for data__securityopt_x in data__securityopt)):
                    raise Invalid
                for data__securityopt_x, data__securityopt_item in enumerate(data__securityopt):
                    if not isinstance(data__securityopt_item, (str)):
                        raise Invalid
        if "shm_size" in data_keys:
            data_keys.remove("shm_size")
            data__shmsize = data["shm_size"]
            if not isinstance(data__shmsize, (int, float, str)) or isinstance(data__shmsize, bool):
                raise Invalid
        if "secrets" in data_keys:
            data_keys.remove("secrets")
            data__secrets = data["secrets"]
            validate___definitions_service_config_or_secret(data__secrets)
        if "sysctls" in data_keys:
            data_keys.remove("sysctls")
            data__sysctls = data["sysctls"]
            validate___definitions_list_or_dict(data__sysctls)
        if "stdin_open" in data_keys:
            data_keys.remove("stdin_open")
            data__stdinopen = data["stdin_open"]
            if not isinstance(data__stdinopen, (bool, str)):
                raise Invalid
        if "stop_grace_period" in data_keys:
            data_keys.remove("stop_grace_period")
            data__stopgraceperiod = data["stop_grace_period"]
            if not isinstance(data__stopgraceperiod, (str)):
                raise Invalid
        if "stop_signal" in data_keys:
            data_keys.remove("stop_signal")
            data__stopsignal = data["stop_signal"]
            if not isinstance(data__stopsignal, (str)):
                raise Invalid
        if "storage_opt" in data_keys:
            data_keys.remove("storage_opt")
            data__storageopt = data["storage_opt"]
            if not isinstance(data__storageopt, (dict)):
                raise Invalid
        if "tmpfs" in data_keys:
            data_keys.remove("tmpfs")
            data__tmpfs = data["tmpfs"]
            validate___definitions_string_or_list(data__tmpfs)
        if "tty" in data_keys:
            data_keys.remove("tty")
            data__tty = data["tty"]
            if not isinstance(data__tty, (bool, str)):
                raise Invalid
        if "ulimits" in data_keys:
            data_keys.remove("ulimits")
            data__ulimits = data["ulimits"]
            validate___definitions_ulimits(data__ulimits)
        if "use_api_socket" in data_keys:
            data_keys.remove("use_api_socket")
            data__useapisocket = data["use_api_socket"]
            if not isinstance(data__useapisocket, (bool)):
                raise Invalid
        if "user" in data_keys:
            data_keys.remove("user")
            data__user = data["user"]
            if not isinstance(data__user, (str)):
                raise Invalid
        if "uts" in data_keys:
            data_keys.remove("uts")
            data__uts = data["uts"]
            if not isinstance(data__uts, (str)):
                raise Invalid
        if "userns_mode" in data_keys:
            data_keys.remove("userns_mode")
            data__usernsmode = data["userns_mode"]
            if not isinstance(data__usernsmode, (str)):
                raise Invalid
        if "volumes" in data_keys:
            data_keys.remove("volumes")
            data__volumes = data["volumes"]
            if not isinstance(data__volumes, (list, tuple)):
                raise Invalid
            data__volumes_is_list = isinstance(data__volumes, (list, tuple))
            if data__volumes_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__volumes_len = len(data__volumes)
                if data__volumes_len > len(set(fn(data__volumes_x) for data__volumes_x in data__volumes)):
                    raise Invalid
                for data__volumes_x, data__volumes_item in enumerate(data__volumes):
                    data__volumes_item_one_of_count15 = 0
                    if data__volumes_item_one_of_count15 < 2:
                        try:
                            if not isinstance(data__volumes_item, (str)):
                                raise Invalid
                            data__volumes_item_one_of_count15 += 1
                        except Invalid: pass
                    if data__volumes_item_one_of_count15 < 2:
                        try:
                            if not isinstance(data__volumes_item, (dict)):
                                raise Invalid
                            data__volumes_item_is_dict = isinstance(data__volumes_item, dict)
                            if data__volumes_item_is_dict:
                                data__volumes_item__missing_keys = set(['type']) - data__volumes_item.keys()
                                if data__volumes_item__missing_keys:
                                    raise Invalid
                                data__volumes_item_keys = set(data__volumes_item.keys())
                                if "type" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("type")
                                    data__volumes_item__type = data__volumes_item["type"]
                                    if not isinstance(data__volumes_item__type, (str)):
                                        raise Invalid
                                    if not (isinstance(data__volumes_item__type, str) and data__volumes_item__type == 'bind' or isinstance(data__volumes_item__type, str) and data__volumes_item__type == 'volume' or isinstance(data__volumes_item__type, str) and data__volumes_item__type == 'tmpfs' or isinstance(data__volumes_item__type, str) and data__volumes_item__type == 'cluster' or isinstance(data__volumes_item__type, str) and data__volumes_item__type == 'npipe' or isinstance(data__volumes_item__type, str) and data__volumes_item__type == 'image'):
                                        raise Invalid
                                if "source" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("source")
                                    data__volumes_item__source = data__volumes_item["source"]
                                    if not isinstance(data__volumes_item__source, (str)):
                                        raise Invalid
                                if "target" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("target")
                                    data__volumes_item__target = data__volumes_item["target"]
                                    if not isinstance(data__volumes_item__target, (str)):
                                        raise Invalid
                                if "read_only" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("read_only")
                                    data__volumes_item__readonly = data__volumes_item["read_only"]
                                    if not isinstance(data__volumes_item__readonly, (bool, str)):
                                        raise Invalid
                                if "consistency" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("consistency")
                                    data__volumes_item__consistency = data__volumes_item["consistency"]
                                    if not isinstance(data__volumes_item__consistency, (str)):
                                        raise Invalid
                                if "bind" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("bind")
                                    data__volumes_item__bind = data__volumes_item["bind"]
                                    if not isinstance(data__volumes_item__bind, (dict)):
                                        raise Invalid
                                    data__volumes_item__bind_is_dict = isinstance(data__volumes_item__bind, dict)
                                    if data__volumes_item__bind_is_dict:
                                        data__volumes_item__bind_keys = set(data__volumes_item__bind.keys())
                                        if "propagation" in data__volumes_item__bind_keys:
                                            data__volumes_item__bind_keys.remove("propagation")
                                            data__volumes_item__bind__propagation = data__volumes_item__bind["propagation"]
                                            if not isinstance(data__volumes_item__bind__propagation, (str)):
                                                raise Invalid
                                        if "create_host_path" in data__volumes_item__bind_keys:
                                            data__volumes_item__bind_keys.remove("create_host_path")
                                            data__volumes_item__bind__createhostpath = data__volumes_item__bind["create_host_path"]
                                            if not isinstance(data__volumes_item__bind__createhostpath, (bool, str)):
                                                raise Invalid
                                        if "recursive" in data__volumes_item__bind_keys:
                                            data__volumes_item__bind_keys.remove("recursive")
                                            data__volumes_item__bind__recursive = data__volumes_item__bind["recursive"]
                                            if not isinstance(data__volumes_item__bind__recursive, (str)):
                                                raise Invalid
                                            if not (isinstance(data__volumes_item__bind__recursive, str) and data__volumes_item__bind__recursive == 'enabled' or isinstance(data__volumes_item__bind__recursive, str) and data__volumes_item__bind__recursive == 'disabled' or isinstance(data__volumes_item__bind__recursive, str) and data__volumes_item__bind__recursive == 'writable' or isinstance(data__volumes_item__bind__recursive, str) and data__volumes_item__bind__recursive == 'readonly'):
                                                raise Invalid
                                        if "selinux" in data__volumes_item__bind_keys:
                                            data__volumes_item__bind_keys.remove("selinux")
                                            data__volumes_item__bind__selinux = data__volumes_item__bind["selinux"]
                                            if not isinstance(data__volumes_item__bind__selinux, (str)):
                                                raise Invalid
                                            if not (isinstance(data__volumes_item__bind__selinux, str) and data__volumes_item__bind__selinux == 'z' or isinstance(data__volumes_item__bind__selinux, str) and data__volumes_item__bind__selinux == 'Z'):
                                                raise Invalid
                                        for data__volumes_item__bind_key, data__volumes_item__bind_val in data__volumes_item__bind.items():
                                            if REGEX_PATTERNS['^x-'].search(data__volumes_item__bind_key):
                                                if data__volumes_item__bind_key in data__volumes_item__bind_keys:
                                                    data__volumes_item__bind_keys.remove(data__volumes_item__bind_key)
                                        if data__volumes_item__bind_keys:
                                            raise Invalid
                                if "volume" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("volume")
                                    data__volumes_item__volume = data__volumes_item["volume"]
                                    if not isinstance(data__volumes_item__volume, (dict)):
                                        raise Invalid
                                    data__volumes_item__volume_is_dict = isinstance(data__volumes_item__volume, dict)
                                    if data__volumes_item__volume_is_dict:
                                        data__volumes_item__volume_keys = set(data__volumes_item__volume.keys())
                                        if "labels" in data__volumes_item__volume_keys:
                                            data__volumes_item__volume_keys.remove("labels")
                                            data__volumes_item__volume__labels = data__volumes_item__volume["labels"]
                                            validate___definitions_list_or_dict(data__volumes_item__volume__labels)
                                        if "nocopy" in data__volumes_item__volume_keys:
                                            data__volumes_item__volume_keys.remove("nocopy")
                                            data__volumes_item__volume__nocopy = data__volumes_item__volume["nocopy"]
                                            if not isinstance(data__volumes_item__volume__nocopy, (bool, str)):
                                                raise Invalid
                                        if "subpath" in data__volumes_item__volume_keys:
                                            data__volumes_item__volume_keys.remove("subpath")
                                            data__volumes_item__volume__subpath = data__volumes_item__volume["subpath"]
                                            if not isinstance(data__volumes_item__volume__subpath, (str)):
                                                raise Invalid
                                        for data__volumes_item__volume_key, data__volumes_item__volume_val in data__volumes_item__volume.items():
                                            if REGEX_PATTERNS['^x-'].search(data__volumes_item__volume_key):
                                                if data__volumes_item__volume_key in data__volumes_item__volume_keys:
                                                    data__volumes_item__volume_keys.remove(data__volumes_item__volume_key)
                                        if data__volumes_item__volume_keys:
                                            raise Invalid
                                if "tmpfs" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("tmpfs")
                                    data__volumes_item__tmpfs = data__volumes_item["tmpfs"]
                                    if not isinstance(data__volumes_item__tmpfs, (dict)):
                                        raise Invalid
                                    data__volumes_item__tmpfs_is_dict = isinstance(data__volumes_item__tmpfs, dict)
                                    if data__volumes_item__tmpfs_is_dict:
                                        data__volumes_item__tmpfs_keys = set(data__volumes_item__tmpfs.keys())
                                        if "size" in data__volumes_item__tmpfs_keys:
                                            data__volumes_item__tmpfs_keys.remove("size")
                                            data__volumes_item__tmpfs__size = data__volumes_item__tmpfs["size"]
                                            data__volumes_item__tmpfs__size_one_of_count16 = 0
                                            if data__volumes_item__tmpfs__size_one_of_count16 < 2:
                                                try:
                                                    if not isinstance(data__volumes_item__tmpfs__size, (int)) and not (isinstance(data__volumes_item__tmpfs__size, float) and data__volumes_item__tmpfs__size.is_integer()) or isinstance(data__volumes_item__tmpfs__size, bool):
                                                        raise Invalid
                                                    if isinstance(data__volumes_item__tmpfs__size, (int, float)) and not isinstance(data__volumes_item__tmpfs__size, bool):
                                                        if data__volumes_item__tmpfs__size < 0:
                                                            raise Invalid
                                                    data__volumes_item__tmpfs__size_one_of_count16 += 1
                                                except Invalid: pass
                                            if data__volumes_item__tmpfs__size_one_of_count16 < 2:
                                                try:
                                                    if not isinstance(data__volumes_item__tmpfs__size, (str)):
                                                        raise Invalid
                                                    data__volumes_item__tmpfs__size_one_of_count16 += 1
                                                except Invalid: pass
                                            if data__volumes_item__tmpfs__size_one_of_count16 != 1:
                                                raise Invalid
                                        if "mode" in data__volumes_item__tmpfs_keys:
                                            data__volumes_item__tmpfs_keys.remove("mode")
                                            data__volumes_item__tmpfs__mode = data__volumes_item__tmpfs["mode"]
                                            if not isinstance(data__volumes_item__tmpfs__mode, (int, float, str)) or isinstance(data__volumes_item__tmpfs__mode, bool):
                                                raise Invalid
                                        for data__volumes_item__tmpfs_key, data__volumes_item__tmpfs_val in data__volumes_item__tmpfs.items():
                                            if REGEX_PATTERNS['^x-'].search(data__volumes_item__tmpfs_key):
                                                if data__volumes_item__tmpfs_key in data__volumes_item__tmpfs_keys:
                                                    data__volumes_item__tmpfs_keys.remove(data__volumes_item__tmpfs_key)
                                        if data__volumes_item__tmpfs_keys:
                                            raise Invalid
                                if "image" in data__volumes_item_keys:
                                    data__volumes_item_keys.remove("image")
                                    data__volumes_item__image = data__volumes_item["image"]
                                    if not isinstance(data__volumes_item__image, (dict)):
                                        raise Invalid
                                    data__volumes_item__image_is_dict = isinstance(data__volumes_item__image, dict)
                                    if data__volumes_item__image_is_dict:
                                        data__volumes_item__image_keys = set(data__volumes_item__image.keys())
                                        if "subpath" in data__volumes_item__image_keys:
                                            data__volumes_item__image_keys.remove("subpath")
                                            data__volumes_item__image__subpath = data__volumes_item__image["subpath"]
                                            if not isinstance(data__volumes_item__image__subpath, (str)):
                                                raise Invalid
                                        for data__volumes_item__image_key, data__volumes_item__image_val in data__volumes_item__image.items():
                                            if REGEX_PATTERNS['^x-'].search(data__volumes_item__image_key):
                                                if data__volumes_item__image_key in data__volumes_item__image_keys:
                                                    data__volumes_item__image_keys.remove(data__volumes_item__image_key)
                                        if data__volumes_item__image_keys:
                                            raise Invalid
                                for data__volumes_item_key, data__volumes_item_val in data__volumes_item.items():
                                    if REGEX_PATTERNS['^x-'].search(data__volumes_item_key):
                                        if data__volumes_item_key in data__volumes_item_keys:
                                            data__volumes_item_keys.remove(data__volumes_item_key)
                                if data__volumes_item_keys:
                                    raise Invalid
                            data__volumes_item_one_of_count15 += 1
                        except Invalid: pass
                    if data__volumes_item_one_of_count15 != 1:
                        raise Invalid
        if "volumes_from" in data_keys:
            data_keys.remove("volumes_from")
            data__volumesfrom = data["volumes_from"]
            if not isinstance(data__volumesfrom, (list, tuple)):
                raise Invalid
            data__volumesfrom_is_list = isinstance(data__volumesfrom, (list, tuple))
            if data__volumesfrom_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data__volumesfrom_len = len(data__volumesfrom)
                if data__volumesfrom_len > len(set(fn(data__volumesfrom_x) for data__volumesfrom_x in data__volumesfrom)):
                    raise Invalid
                for data__volumesfrom_x, data__volumesfrom_item in enumerate(data__volumesfrom):
                    if not isinstance(data__volumesfrom_item, (str)):
                        raise Invalid
        if "working_dir" in data_keys:
            data_keys.remove("working_dir")
            data__workingdir = data["working_dir"]
            if not isinstance(data__workingdir, (str)):
                raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_service_hook(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['command']) - data.keys()
        if data__missing_keys:
            raise Invalid
        data_keys = set(data.keys())
        if "command" in data_keys:
            data_keys.remove("command")
            data__command = data["command"]
            validate___definitions_command(data__command)
        if "user" in data_keys:
            data_keys.remove("user")
            data__user = data["user"]
            if not isinstance(data__user, (str)):
                raise Invalid
        if "privileged" in data_keys:
            data_keys.remove("privileged")
            data__privileged = data["privileged"]
            if not isinstance(data__privileged, (bool, str)):
                raise Invalid
        if "working_dir" in data_keys:
            data_keys.remove("working_dir")
            data__workingdir = data["working_dir"]
            if not isinstance(data__workingdir, (str)):
                raise Invalid
        if "environment" in data_keys:
            data_keys.remove("environment")
            data__environment = data["environment"]
            validate___definitions_list_or_dict(data__environment)
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_healthcheck(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "disable" in data_keys:
            data_keys.remove("disable")
            data__disable = data["disable"]
            if not isinstance(data__disable, (bool, str)):
                raise Invalid
        if "interval" in data_keys:
            data_keys.remove("interval")
            data__interval = data["interval"]
            if not isinstance(data__interval, (str)):
                raise Invalid
        if "retries" in data_keys:
            data_keys.remove("retries")
            data__retries = data["retries"]
            if not isinstance(data__retries, (int, float, str)) or isinstance(data__retries, bool):
                raise Invalid
        if "test" in data_keys:
            data_keys.remove("test")
            data__test = data["test"]
            data__test_one_of_count17 = 0
            if data__test_one_of_count17 < 2:
                try:
                    if not isinstance(data__test, (str)):
                        raise Invalid
                    data__test_one_of_count17 += 1
                except Invalid: pass
            if data__test_one_of_count17 < 2:
                try:
                    if not isinstance(data__test, (list, tuple)):
                        raise Invalid
                    data__test_is_list = isinstance(data__test, (list, tuple))
                    if data__test_is_list:
                        data__test_len = len(data__test)
                        for data__test_x, data__test_item in enumerate(data__test):
                            if not isinstance(data__test_item, (str)):
                                raise Invalid
                    data__test_one_of_count17 += 1
                except Invalid: pass
            if data__test_one_of_count17 != 1:
                raise Invalid
        if "timeout" in data_keys:
            data_keys.remove("timeout")
            data__timeout = data["timeout"]
            if not isinstance(data__timeout, (str)):
                raise Invalid
        if "start_period" in data_keys:
            data_keys.remove("start_period")
            data__startperiod = data["start_period"]
            if not isinstance(data__startperiod, (str)):
                raise Invalid
        if "start_interval" in data_keys:
            data_keys.remove("start_interval")
            data__startinterval = data["start_interval"]
            if not isinstance(data__startinterval, (str)):
                raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_gpus(data):
    data_one_of_count18 = 0
    if data_one_of_count18 < 2:
        try:
            if not isinstance(data, (str)):
                raise Invalid
            if not (isinstance(data, str) and data == 'all'):
                raise Invalid
            data_one_of_count18 += 1
        except Invalid: pass
    if data_one_of_count18 < 2:
        try:
            if not isinstance(data, (list, tuple)):
                raise Invalid
            data_is_list = isinstance(data, (list, tuple))
            if data_is_list:
                data_len = len(data)
                for data_x, data_item in enumerate(data):
                    if not isinstance(data_item, (dict)):
                        raise Invalid
                    data_item_is_dict = isinstance(data_item, dict)
                    if data_item_is_dict:
                        data_item_keys = set(data_item.keys())
                        if "capabilities" in data_item_keys:
                            data_item_keys.remove("capabilities")
                            data_item__capabilities = data_item["capabilities"]
                            validate___definitions_list_of_strings(data_item__capabilities)
                        if "count" in data_item_keys:
                            data_item_keys.remove("count")
                            data_item__count = data_item["count"]
                            if not isinstance(data_item__count, (str, int)) and not (isinstance(data_item__count, float) and data_item__count.is_integer()) or isinstance(data_item__count, bool):
                                raise Invalid
                        if "device_ids" in data_item_keys:
                            data_item_keys.remove("device_ids")
                            data_item__deviceids = data_item["device_ids"]
                            validate___definitions_list_of_strings(data_item__deviceids)
                        if "driver" in data_item_keys:
                            data_item_keys.remove("driver")
                            data_item__driver = data_item["driver"]
                            if not isinstance(data_item__driver, (str)):
                                raise Invalid
                        if "options" in data_item_keys:
                            data_item_keys.remove("options")
                            data_item__options = data_item["options"]
                            validate___definitions_list_or_dict(data_item__options)
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data_keys = set(data.keys())
                for data_key, data_val in data.items():
                    if REGEX_PATTERNS['^x-'].search(data_key):
                        if data_key in data_keys:
                            data_keys.remove(data_key)
                if data_keys:
                    raise Invalid
            data_one_of_count18 += 1
        except Invalid: pass
    if data_one_of_count18 != 1:
        raise Invalid
    return data

def validate___definitions_label_file(data):
    data_one_of_count19 = 0
    if data_one_of_count19 < 2:
        try:
            if not isinstance(data, (str)):
                raise Invalid
            data_one_of_count19 += 1
        except Invalid: pass
    if data_one_of_count19 < 2:
        try:
            if not isinstance(data, (list, tuple)):
                raise Invalid
            data_is_list = isinstance(data, (list, tuple))
            if data_is_list:
                data_len = len(data)
                for data_x, data_item in enumerate(data):
                    if not isinstance(data_item, (str)):
                        raise Invalid
            data_one_of_count19 += 1
        except Invalid: pass
    if data_one_of_count19 != 1:
        raise Invalid
    return data

def validate___definitions_env_file(data):
    data_one_of_count20 = 0
    if data_one_of_count20 < 2:
        try:
            if not isinstance(data, (str)):
                raise Invalid
            data_one_of_count20 += 1
        except Invalid: pass
    if data_one_of_count20 < 2:
        try:
            if not isinstance(data, (list, tuple)):
                raise Invalid
            data_is_list = isinstance(data, (list, tuple))
            if data_is_list:
                data_len = len(data)
                for data_x, data_item in enumerate(data):
                    data_item_one_of_count21 = 0
                    if data_item_one_of_count21 < 2:
                        try:
                            if not isinstance(data_item, (str)):
                                raise Invalid
                            data_item_one_of_count21 += 1
                        except Invalid: pass
                    if data_item_one_of_count21 < 2:
                        try:
                            if not isinstance(data_item, (dict)):
                                raise Invalid
                            data_item_is_dict = isinstance(data_item, dict)
                            if data_item_is_dict:
                                data_item__missing_keys = set(['path']) - data_item.keys()
                                if data_item__missing_keys:
                                    raise Invalid
                                data_item_keys = set(data_item.keys())
                                if "path" in data_item_keys:
                                    data_item_keys.remove("path")
                                    data_item__path = data_item["path"]
                                    if not isinstance(data_item__path, (str)):
                                        raise Invalid
                                if "format" in data_item_keys:
                                    data_item_keys.remove("format")
                                    data_item__format = data_item["format"]
                                    if not isinstance(data_item__format, (str)):
                                        raise Invalid
                                if "required" in data_item_keys:
                                    data_item_keys.remove("required")
                                    data_item__required = data_item["required"]
                                    if not isinstance(data_item__required, (bool, str)):
                                        raise Invalid
                                if data_item_keys:
                                    raise Invalid
                            data_item_one_of_count21 += 1
                        except Invalid: pass
                    if data_item_one_of_count21 != 1:
                        raise Invalid
            data_one_of_count20 += 1
        except Invalid: pass
    if data_one_of_count20 != 1:
        raise Invalid
    return data

def validate___definitions_string_or_list(data):
    data_one_of_count22 = 0
    if data_one_of_count22 < 2:
        try:
            if not isinstance(data, (str)):
                raise Invalid
            data_one_of_count22 += 1
        except Invalid: pass
    if data_one_of_count22 < 2:
        try:
            validate___definitions_list_of_strings(data)
            data_one_of_count22 += 1
        except Invalid: pass
    if data_one_of_count22 != 1:
        raise Invalid
    return data

def validate___definitions_list_of_strings(data):
    if not isinstance(data, (list, tuple)):
        raise Invalid
    data_is_list = isinstance(data, (list, tuple))
    if data_is_list:
        def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
        data_len = len(data)
        if data_len > len(set(fn(data_x) for data_x in data)):
            raise Invalid
        for data_x, data_item in enumerate(data):
            if not isinstance(data_item, (str)):
                raise Invalid
    return data

def validate___definitions_command(data):
    data_one_of_count23 = 0
    if data_one_of_count23 < 2:
        try:
            if not isinstance(data, (NoneType)):
                raise Invalid
            data_one_of_count23 += 1
        except Invalid: pass
    if data_one_of_count23 < 2:
        try:
            if not isinstance(data, (str)):
                raise Invalid
            data_one_of_count23 += 1
        except Invalid: pass
    if data_one_of_count23 < 2:
        try:
            if not isinstance(data, (list, tuple)):
                raise Invalid
            data_is_list = isinstance(data, (list, tuple))
            if data_is_list:
                data_len = len(data)
                for data_x, data_item in enumerate(data):
                    if not isinstance(data_item, (str)):
                        raise Invalid
            data_one_of_count23 += 1
        except Invalid: pass
    if data_one_of_count23 != 1:
        raise Invalid
    return data

def validate___definitions_blkio_weight(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "path" in data_keys:
            data_keys.remove("path")
            data__path = data["path"]
            if not isinstance(data__path, (str)):
                raise Invalid
        if "weight" in data_keys:
            data_keys.remove("weight")
            data__weight = data["weight"]
            if not isinstance(data__weight, (int, str)) and not (isinstance(data__weight, float) and data__weight.is_integer()) or isinstance(data__weight, bool):
                raise Invalid
        if data_keys:
            raise Invalid
    return data

def validate___definitions_blkio_limit(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "path" in data_keys:
            data_keys.remove("path")
            data__path = data["path"]
            if not isinstance(data__path, (str)):
                raise Invalid
        if "rate" in data_keys:
            data_keys.remove("rate")
            data__rate = data["rate"]
            if not isinstance(data__rate, (int, str)) and not (isinstance(data__rate, float) and data__rate.is_integer()) or isinstance(data__rate, bool):
                raise Invalid
        if data_keys:
            raise Invalid
    return data

def validate___definitions_ulimits(data):
    if not isinstance(data, (dict)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^[a-z]+$'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
                data_val_one_of_count24 = 0
                if data_val_one_of_count24 < 2:
                    try:
                        if not isinstance(data_val, (int, str)) and not (isinstance(data_val, float) and data_val.is_integer()) or isinstance(data_val, bool):
                            raise Invalid
                        data_val_one_of_count24 += 1
                    except Invalid: pass
                if data_val_one_of_count24 < 2:
                    try:
                        if not isinstance(data_val, (dict)):
                            raise Invalid
                        data_val_is_dict = isinstance(data_val, dict)
                        if data_val_is_dict:
                            data_val__missing_keys = set(['soft', 'hard']) - data_val.keys()
                            if data_val__missing_keys:
                                raise Invalid
                            data_val_keys = set(data_val.keys())
                            if "hard" in data_val_keys:
                                data_val_keys.remove("hard")
                                data_val__hard = data_val["hard"]
                                if not isinstance(data_val__hard, (int, str)) and not (isinstance(data_val__hard, float) and data_val__hard.is_integer()) or isinstance(data_val__hard, bool):
                                    raise Invalid
                            if "soft" in data_val_keys:
                                data_val_keys.remove("soft")
                                data_val__soft = data_val["soft"]
                                if not isinstance(data_val__soft, (int, str)) and not (isinstance(data_val__soft, float) and data_val__soft.is_integer()) or isinstance(data_val__soft, bool):
                                    raise Invalid
                            for data_val_key, data_val_val in data_val.items():
                                if REGEX_PATTERNS['^x-'].search(data_val_key):
                                    if data_val_key in data_val_keys:
                                        data_val_keys.remove(data_val_key)
                            if data_val_keys:
                                raise Invalid
                        data_val_one_of_count24 += 1
                    except Invalid: pass
                if data_val_one_of_count24 != 1:
                    raise Invalid
    return data

def validate___definitions_service_config_or_secret(data):
    if not isinstance(data, (list, tuple)):
        raise Invalid
    data_is_list = isinstance(data, (list, tuple))
    if data_is_list:
        data_len = len(data)
        for data_x, data_item in enumerate(data):
            data_item_one_of_count25 = 0
            if data_item_one_of_count25 < 2:
                try:
                    if not isinstance(data_item, (str)):
                        raise Invalid
                    data_item_one_of_count25 += 1
                except Invalid: pass
            if data_item_one_of_count25 < 2:
                try:
                    if not isinstance(data_item, (dict)):
                        raise Invalid
                    data_item_is_dict = isinstance(data_item, dict)
                    if data_item_is_dict:
                        data_item_keys = set(data_item.keys())
                        if "source" in data_item_keys:
                            data_item_keys.remove("source")
                            data_item__source = data_item["source"]
                            if not isinstance(data_item__source, (str)):
                                raise Invalid
                        if "target" in data_item_keys:
                            data_item_keys.remove("target")
                            data_item__target = data_item["target"]
                            if not isinstance(data_item__target, (str)):
                                raise Invalid
                        if "uid" in data_item_keys:
                            data_item_keys.remove("uid")
                            data_item__uid = data_item["uid"]
                            if not isinstance(data_item__uid, (str)):
                                raise Invalid
                        if "gid" in data_item_keys:
                            data_item_keys.remove("gid")
                            data_item__gid = data_item["gid"]
                            if not isinstance(data_item__gid, (str)):
                                raise Invalid
                        if "mode" in data_item_keys:
                            data_item_keys.remove("mode")
                            data_item__mode = data_item["mode"]
                            if not isinstance(data_item__mode, (int, float, str)) or isinstance(data_item__mode, bool):
                                raise Invalid
                        for data_item_key, data_item_val in data_item.items():
                            if REGEX_PATTERNS['^x-'].search(data_item_key):
                                if data_item_key in data_item_keys:
                                    data_item_keys.remove(data_item_key)
                        if data_item_keys:
                            raise Invalid
                    data_item_one_of_count25 += 1
                except Invalid: pass
            if data_item_one_of_count25 != 1:
                raise Invalid
    return data

def validate___definitions_extra_hosts(data):
    data_one_of_count26 = 0
    if data_one_of_count26 < 2:
        try:
            if not isinstance(data, (dict)):
                raise Invalid
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data_keys = set(data.keys())
                for data_key, data_val in data.items():
                    if REGEX_PATTERNS['.+'].search(data_key):
                        if data_key in data_keys:
                            data_keys.remove(data_key)
                        data_val_one_of_count27 = 0
                        if data_val_one_of_count27 < 2:
                            try:
                                if not isinstance(data_val, (str)):
                                    raise Invalid
                                data_val_one_of_count27 += 1
                            except Invalid: pass
                        if data_val_one_of_count27 < 2:
                            try:
                                if not isinstance(data_val, (list, tuple)):
                                    raise Invalid
                                data_val_is_list = isinstance(data_val, (list, tuple))
                                if data_val_is_list:
                                    data_val_len = len(data_val)
                                    for data_val_x, data_val_item in enumerate(data_val):
                                        if not isinstance(data_val_item, (str)):
                                            raise Invalid
                                data_val_one_of_count27 += 1
                            except Invalid: pass
                        if data_val_one_of_count27 != 1:
                            raise Invalid
                if data_keys:
                    raise Invalid
            data_one_of_count26 += 1
        except Invalid: pass
    if data_one_of_count26 < 2:
        try:
            if not isinstance(data, (list, tuple)):
                raise Invalid
            data_is_list = isinstance(data, (list, tuple))
            if data_is_list:
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                data_len = len(data)
                if data_len > len(set(fn(data_x) for data_x in data)):
                    raise Invalid
                for data_x, data_item in enumerate(data):
                    if not isinstance(data_item, (str)):
                        raise Invalid
            data_one_of_count26 += 1
        except Invalid: pass
    if data_one_of_count26 != 1:
        raise Invalid
    return data

def validate___definitions_deployment(data):
    if not isinstance(data, (dict, NoneType)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "mode" in data_keys:
            data_keys.remove("mode")
            data__mode = data["mode"]
            if not isinstance(data__mode, (str)):
                raise Invalid
        if "endpoint_mode" in data_keys:
            data_keys.remove("endpoint_mode")
            data__endpointmode = data["endpoint_mode"]
            if not isinstance(data__endpointmode, (str)):
                raise Invalid
        if "replicas" in data_keys:
            data_keys.remove("replicas")
            data__replicas = data["replicas"]
            if not isinstance(data__replicas, (int, str)) and not (isinstance(data__replicas, float) and data__replicas.is_integer()) or isinstance(data__replicas, bool):
                raise Invalid
        if "labels" in data_keys:
            data_keys.remove("labels")
            data__labels = data["labels"]
            validate___definitions_list_or_dict(data__labels)
        if "rollback_config" in data_keys:
            data_keys.remove("rollback_config")
            data__rollbackconfig = data["rollback_config"]
            if not isinstance(data__rollbackconfig, (dict)):
                raise Invalid
            data__rollbackconfig_is_dict = isinstance(data__rollbackconfig, dict)
            if data__rollbackconfig_is_dict:
                data__rollbackconfig_keys = set(data__rollbackconfig.keys())
                if "parallelism" in data__rollbackconfig_keys:
                    data__rollbackconfig_keys.remove("parallelism")
                    data__rollbackconfig__parallelism = data__rollbackconfig["parallelism"]
                    if not isinstance(data__rollbackconfig__parallelism, (int, str)) and not (isinstance(data__rollbackconfig__parallelism, float) and data__rollbackconfig__parallelism.is_integer()) or isinstance(data__rollbackconfig__parallelism, bool):
                        raise Invalid
                if "delay" in data__rollbackconfig_keys:
                    data__rollbackconfig_keys.remove("delay")
                    data__rollbackconfig__delay = data__rollbackconfig["delay"]
                    if not isinstance(data__rollbackconfig__delay, (str)):
                        raise Invalid
                if "failure_action" in data__rollbackconfig_keys:
                    data__rollbackconfig_keys.remove("failure_action")
                    data__rollbackconfig__failureaction = data__rollbackconfig["failure_action"]
                    if not isinstance(data__rollbackconfig__failureaction, (str)):
                        raise Invalid
                if "monitor" in data__rollbackconfig_keys:
                    data__rollbackconfig_keys.remove("monitor")
                    data__rollbackconfig__monitor = data__rollbackconfig["monitor"]
                    if not isinstance(data__rollbackconfig__monitor, (str)):
                        raise Invalid
                if "max_failure_ratio" in data__rollbackconfig_keys:
                    data__rollbackconfig_keys.remove("max_failure_ratio")
                    data__rollbackconfig__maxfailureratio = data__rollbackconfig["max_failure_ratio"]
                    if not isinstance(data__rollbackconfig__maxfailureratio, (int, float, str)) or isinstance(data__rollbackconfig__maxfailureratio, bool):
                        raise Invalid
                if "order" in data__rollbackconfig_keys:
                    data__rollbackconfig_keys.remove("order")
                    data__rollbackconfig__order = data__rollbackconfig["order"]
                    if not isinstance(data__rollbackconfig__order, (str)):
                        raise Invalid
                    if not (isinstance(data__rollbackconfig__order, str) and data__rollbackconfig__order == 'start-first' or isinstance(data__rollbackconfig__order, str) and data__rollbackconfig__order == 'stop-first'):
                        raise Invalid
                for data__rollbackconfig_key, data__rollbackconfig_val in data__rollbackconfig.items():
                    if REGEX_PATTERNS['^x-'].search(data__rollbackconfig_key):
                        if data__rollbackconfig_key in data__rollbackconfig_keys:
                            data__rollbackconfig_keys.remove(data__rollbackconfig_key)
                if data__rollbackconfig_keys:
                    raise Invalid
        if "update_config" in data_keys:
            data_keys.remove("update_config")
            data__updateconfig = data["update_config"]
            if not isinstance(data__updateconfig, (dict)):
                raise Invalid
            data__updateconfig_is_dict = isinstance(data__updateconfig, dict)
            if data__updateconfig_is_dict:
                data__updateconfig_keys = set(data__updateconfig.keys())
                if "parallelism" in data__updateconfig_keys:
                    data__updateconfig_keys.remove("parallelism")
                    data__updateconfig__parallelism = data__updateconfig["parallelism"]
                    if not isinstance(data__updateconfig__parallelism, (int, str)) and not (isinstance(data__updateconfig__parallelism, float) and data__updateconfig__parallelism.is_integer()) or isinstance(data__updateconfig__parallelism, bool):
                        raise Invalid
                if "delay" in data__updateconfig_keys:
                    data__updateconfig_keys.remove("delay")
                    data__updateconfig__delay = data__updateconfig["delay"]
                    if not isinstance(data__updateconfig__delay, (str)):
                        raise Invalid
                if "failure_action" in data__updateconfig_keys:
                    data__updateconfig_keys.remove("failure_action")
                    data__updateconfig__failureaction = data__updateconfig["failure_action"]
                    if not isinstance(data__updateconfig__failureaction, (str)):
                        raise Invalid
                if "monitor" in data__updateconfig_keys:
                    data__updateconfig_keys.remove("monitor")
                    data__updateconfig__monitor = data__updateconfig["monitor"]
                    if not isinstance(data__updateconfig__monitor, (str)):
                        raise Invalid
                if "max_failure_ratio" in data__updateconfig_keys:
                    data__updateconfig_keys.remove("max_failure_ratio")
                    data__updateconfig__maxfailureratio = data__updateconfig["max_failure_ratio"]
                    if not isinstance(data__updateconfig__maxfailureratio, (int, float, str)) or isinstance(data__updateconfig__maxfailureratio, bool):
                        raise Invalid
                if "order" in data__updateconfig_keys:
                    data__updateconfig_keys.remove("order")
                    data__updateconfig__order = data__updateconfig["order"]
                    if not isinstance(data__updateconfig__order, (str)):
                        raise Invalid
                    if not (isinstance(data__updateconfig__order, str) and data__updateconfig__order == 'start-first' or isinstance(data__updateconfig__order, str) and data__updateconfig__order == 'stop-first'):
                        raise Invalid
                for data__updateconfig_key, data__updateconfig_val in data__updateconfig.items():
                    if REGEX_PATTERNS['^x-'].search(data__updateconfig_key):
                        if data__updateconfig_key in data__updateconfig_keys:
                            data__updateconfig_keys.remove(data__updateconfig_key)
                if data__updateconfig_keys:
                    raise Invalid
        if "resources" in data_keys:
            data_keys.remove("resources")
            data__resources = data["resources"]
            if not isinstance(data__resources, (dict)):
                raise Invalid
            data__resources_is_dict = isinstance(data__resources, dict)
            if data__resources_is_dict:
                data__resources_keys = set(data__resources.keys())
                if "limits" in data__resources_keys:
                    data__resources_keys.remove("limits")
                    data__resources__limits = data__resources["limits"]
                    if not isinstance(data__resources__limits, (dict)):
                        raise Invalid
                    data__resources__limits_is_dict = isinstance(data__resources__limits, dict)
                    if data__resources__limits_is_dict:
                        data__resources__limits_keys = set(data__resources__limits.keys())
                        if "cpus" in data__resources__limits_keys:
                            data__resources__limits_keys.remove("cpus")
                            data__resources__limits__cpus = data__resources__limits["cpus"]
                            if not isinstance(data__resources__limits__cpus, (int, float, str)) or isinstance(data__resources__limits__cpus, bool):
                                raise Invalid
                        if "memory" in data__resources__limits_keys:
                            data__resources__limits_keys.remove("memory")
                            data__resources__limits__memory = data__resources__limits["memory"]
                            if not isinstance(data__resources__limits__memory, (str)):
                                raise Invalid
                        if "pids" in data__resources__limits_keys:
                            data__resources__limits_keys.remove("pids")
                            data__resources__limits__pids = data__resources__limits["pids"]
                            if not isinstance(data__resources__limits__pids, (int, str)) and not (isinstance(data__resources__limits__pids, float) and data__resources__limits__pids.is_integer()) or isinstance(data__resources__limits__pids, bool):
                                raise Invalid
                        for data__resources__limits_key, data__resources__limits_val in data__resources__limits.items():
                            if REGEX_PATTERNS['^x-'].search(data__resources__limits_key):
                                if data__resources__limits_key in data__resources__limits_keys:
                                    data__resources__limits_keys.remove(data__resources__limits_key)
                        if data__resources__limits_keys:
                            raise Invalid
                if "reservations" in data__resources_keys:
                    data__resources_keys.remove("reservations")
                    data__resources__reservations = data__resources["reservations"]
                    if not isinstance(data__resources__reservations, (dict)):
                        raise Invalid
                    data__resources__reservations_is_dict = isinstance(data__resources__reservations, dict)
                    if data__resources__reservations_is_dict:
                        data__resources__reservations_keys = set(data__resources__reservations.keys())
                        if "cpus" in data__resources__reservations_keys:
                            data__resources__reservations_keys.remove("cpus")
                            data__resources__reservations__cpus = data__resources__reservations["cpus"]
                            if not isinstance(data__resources__reservations__cpus, (int, float, str)) or isinstance(data__resources__reservations__cpus, bool):
                                raise Invalid
                        if "memory" in data__resources__reservations_keys:
                            data__resources__reservations_keys.remove("memory")
                            data__resources__reservations__memory = data__resources__reservations["memory"]
                            if not isinstance(data__resources__reservations__memory, (str)):
                                raise Invalid
                        if "generic_resources" in data__resources__reservations_keys:
                            data__resources__reservations_keys.remove("generic_resources")
                            data__resources__reservations__genericresources = data__resources__reservations["generic_resources"]
                            validate___definitions_generic_resources(data__resources__reservations__genericresources)
                        if "devices" in data__resources__reservations_keys:
                            data__resources__reservations_keys.remove("devices")
                            data__resources__reservations__devices = data__resources__reservations["devices"]
                            validate___definitions_devices(data__resources__reservations__devices)
                        for data__resources__reservations_key, data__resources__reservations_val in data__resources__reservations.items():
                            if REGEX_PATTERNS['^x-'].search(data__resources__reservations_key):
                                if data__resources__reservations_key in data__resources__reservations_keys:
                                    data__resources__reservations_keys.remove(data__resources__reservations_key)
                        if data__resources__reservations_keys:
                            raise Invalid
                for data__resources_key, data__resources_val in data__resources.items():
                    if REGEX_PATTERNS['^x-'].search(data__resources_key):
                        if data__resources_key in data__resources_keys:
                            data__resources_keys.remove(data__resources_key)
                if data__resources_keys:
                    raise Invalid
        if "restart_policy" in data_keys:
            data_keys.remove("restart_policy")
            data__restartpolicy = data["restart_policy"]
            if not isinstance(data__restartpolicy, (dict)):
                raise Invalid
            data__restartpolicy_is_dict = isinstance(data__restartpolicy, dict)
            if data__restartpolicy_is_dict:
                data__restartpolicy_keys = set(data__restartpolicy.keys())
                if "condition" in data__restartpolicy_keys:
                    data__restartpolicy_keys.remove("condition")
                    data__restartpolicy__condition = data__restartpolicy["condition"]
                    if not isinstance(data__restartpolicy__condition, (str)):
                        raise Invalid
                if "delay" in data__restartpolicy_keys:
                    data__restartpolicy_keys.remove("delay")
                    data__restartpolicy__delay = data__restartpolicy["delay"]
                    if not isinstance(data__restartpolicy__delay, (str)):
                        raise Invalid
                if "max_attempts" in data__restartpolicy_keys:
                    data__restartpolicy_keys.remove("max_attempts")
                    data__restartpolicy__maxattempts = data__restartpolicy["max_attempts"]
                    if not isinstance(data__restartpolicy__maxattempts, (int, str)) and not (isinstance(data__restartpolicy__maxattempts, float) and data__restartpolicy__maxattempts.is_integer()) or isinstance(data__restartpolicy__maxattempts, bool):
                        raise Invalid
                if "window" in data__restartpolicy_keys:
                    data__restartpolicy_keys.remove("window")
                    data__restartpolicy__window = data__restartpolicy["window"]
                    if not isinstance(data__restartpolicy__window, (str)):
                        raise Invalid
                for data__restartpolicy_key, data__restartpolicy_val in data__restartpolicy.items():
                    if REGEX_PATTERNS['^x-'].search(data__restartpolicy_key):
                        if data__restartpolicy_key in data__restartpolicy_keys:
                            data__restartpolicy_keys.remove(data__restartpolicy_key)
                if data__restartpolicy_keys:
                    raise Invalid
        if "placement" in data_keys:
            data_keys.remove("placement")
            data__placement = data["placement"]
            if not isinstance(data__placement, (dict)):
                raise Invalid
            data__placement_is_dict = isinstance(data__placement, dict)
            if data__placement_is_dict:
                data__placement_keys = set(data__placement.keys())
                if "constraints" in data__placement_keys:
                    data__placement_keys.remove("constraints")
                    data__placement__constraints = data__placement["constraints"]
                    if not isinstance(data__placement__constraints, (list, tuple)):
                        raise Invalid
                    data__placement__constraints_is_list = isinstance(data__placement__constraints, (list, tuple))
                    if data__placement__constraints_is_list:
                        data__placement__constraints_len = len(data__placement__constraints)
                        for data__placement__constraints_x, data__placement__constraints_item in enumerate(data__placement__constraints):
                            if not isinstance(data__placement__constraints_item, (str)):
                                raise Invalid
                if "preferences" in data__placement_keys:
                    data__placement_keys.remove("preferences")
                    data__placement__preferences = data__placement["preferences"]
                    if not isinstance(data__placement__preferences, (list, tuple)):
                        raise Invalid
                    data__placement__preferences_is_list = isinstance(data__placement__preferences, (list, tuple))
                    if data__placement__preferences_is_list:
                        data__placement__preferences_len = len(data__placement__preferences)
                        for data__placement__preferences_x, data__placement__preferences_item in enumerate(data__placement__preferences):
                            if not isinstance(data__placement__preferences_item, (dict)):
                                raise Invalid
                            data__placement__preferences_item_is_dict = isinstance(data__placement__preferences_item, dict)
                            if data__placement__preferences_item_is_dict:
                                data__placement__preferences_item_keys = set(data__placement__preferences_item.keys())
                                if "spread" in data__placement__preferences_item_keys:
                                    data__placement__preferences_item_keys.remove("spread")
                                    data__placement__preferences_item__spread = data__placement__preferences_item["spread"]
                                    if not isinstance(data__placement__preferences_item__spread, (str)):
                                        raise Invalid
                                for data__placement__preferences_item_key, data__placement__preferences_item_val in data__placement__preferences_item.items():
                                    if REGEX_PATTERNS['^x-'].search(data__placement__preferences_item_key):
                                        if data__placement__preferences_item_key in data__placement__preferences_item_keys:
                                            data__placement__preferences_item_keys.remove(data__placement__preferences_item_key)
                                if data__placement__preferences_item_keys:
                                    raise Invalid
                if "max_replicas_per_node" in data__placement_keys:
                    data__placement_keys.remove("max_replicas_per_node")
                    data__placement__maxreplicaspernode = data__placement["max_replicas_per_node"]
                    if not isinstance(data__placement__maxreplicaspernode, (int, str)) and not (isinstance(data__placement__maxreplicaspernode, float) and data__placement__maxreplicaspernode.is_integer()) or isinstance(data__placement__maxreplicaspernode, bool):
                        raise Invalid
                for data__placement_key, data__placement_val in data__placement.items():
                    if REGEX_PATTERNS['^x-'].search(data__placement_key):
                        if data__placement_key in data__placement_keys:
                            data__placement_keys.remove(data__placement_key)
                if data__placement_keys:
                    raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_devices(data):
    if not isinstance(data, (list, tuple)):
        raise Invalid
    data_is_list = isinstance(data, (list, tuple))
    if data_is_list:
        data_len = len(data)
        for data_x, data_item in enumerate(data):
            if not isinstance(data_item, (dict)):
                raise Invalid
            data_item_is_dict = isinstance(data_item, dict)
            if data_item_is_dict:
                data_item__missing_keys = set(['capabilities']) - data_item.keys()
                if data_item__missing_keys:
                    raise Invalid
                data_item_keys = set(data_item.keys())
                if "capabilities" in data_item_keys:
                    data_item_keys.remove("capabilities")
                    data_item__capabilities = data_item["capabilities"]
                    validate___definitions_list_of_strings(data_item__capabilities)
                if "count" in data_item_keys:
                    data_item_keys.remove("count")
                    data_item__count = data_item["count"]
                    if not isinstance(data_item__count, (str, int)) and not (isinstance(data_item__count, float) and data_item__count.is_integer()) or isinstance(data_item__count, bool):
                        raise Invalid
                if "device_ids" in data_item_keys:
                    data_item_keys.remove("device_ids")
                    data_item__deviceids = data_item["device_ids"]
                    validate___definitions_list_of_strings(data_item__deviceids)
                if "driver" in data_item_keys:
                    data_item_keys.remove("driver")
                    data_item__driver = data_item["driver"]
                    if not isinstance(data_item__driver, (str)):
                        raise Invalid
                if "options" in data_item_keys:
                    data_item_keys.remove("options")
                    data_item__options = data_item["options"]
                    validate___definitions_list_or_dict(data_item__options)
                for data_item_key, data_item_val in data_item.items():
                    if REGEX_PATTERNS['^x-'].search(data_item_key):
                        if data_item_key in data_item_keys:
                            data_item_keys.remove(data_item_key)
                if data_item_keys:
                    raise Invalid
    return data

def validate___definitions_generic_resources(data):
    if not isinstance(data, (list, tuple)):
        raise Invalid
    data_is_list = isinstance(data, (list, tuple))
    if data_is_list:
        data_len = len(data)
        for data_x, data_item in enumerate(data):
            if not isinstance(data_item, (dict)):
                raise Invalid
            data_item_is_dict = isinstance(data_item, dict)
            if data_item_is_dict:
                data_item_keys = set(data_item.keys())
                if "discrete_resource_spec" in data_item_keys:
                    data_item_keys.remove("discrete_resource_spec")
                    data_item__discreteresourcespec = data_item["discrete_resource_spec"]
                    if not isinstance(data_item__discreteresourcespec, (dict)):
                        raise Invalid
                    data_item__discreteresourcespec_is_dict = isinstance(data_item__discreteresourcespec, dict)
                    if data_item__discreteresourcespec_is_dict:
                        data_item__discreteresourcespec_keys = set(data_item__discreteresourcespec.keys())
                        if "kind" in data_item__discreteresourcespec_keys:
                            data_item__discreteresourcespec_keys.remove("kind")
                            data_item__discreteresourcespec__kind = data_item__discreteresourcespec["kind"]
                            if not isinstance(data_item__discreteresourcespec__kind, (str)):
                                raise Invalid
                        if "value" in data_item__discreteresourcespec_keys:
                            data_item__discreteresourcespec_keys.remove("value")
                            data_item__discreteresourcespec__value = data_item__discreteresourcespec["value"]
                            if not isinstance(data_item__discreteresourcespec__value, (int, float, str)) or isinstance(data_item__discreteresourcespec__value, bool):
                                raise Invalid
                        for data_item__discreteresourcespec_key, data_item__discreteresourcespec_val in data_item__discreteresourcespec.items():
                            if REGEX_PATTERNS['^x-'].search(data_item__discreteresourcespec_key):
                                if data_item__discreteresourcespec_key in data_item__discreteresourcespec_keys:
                                    data_item__discreteresourcespec_keys.remove(data_item__discreteresourcespec_key)
                        if data_item__discreteresourcespec_keys:
                            raise Invalid
                for data_item_key, data_item_val in data_item.items():
                    if REGEX_PATTERNS['^x-'].search(data_item_key):
                        if data_item_key in data_item_keys:
                            data_item_keys.remove(data_item_key)
                if data_item_keys:
                    raise Invalid
    return data

def validate___definitions_development(data):
    if not isinstance(data, (dict, NoneType)):
        raise Invalid
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = set(data.keys())
        if "watch" in data_keys:
            data_keys.remove("watch")
            data__watch = data["watch"]
            if not isinstance(data__watch, (list, tuple)):
                raise Invalid
            data__watch_is_list = isinstance(data__watch, (list, tuple))
            if data__watch_is_list:
                data__watch_len = len(data__watch)
                for data__watch_x, data__watch_item in enumerate(data__watch):
                    if not isinstance(data__watch_item, (dict)):
                        raise Invalid
                    data__watch_item_is_dict = isinstance(data__watch_item, dict)
                    if data__watch_item_is_dict:
                        data__watch_item__missing_keys = set(['path', 'action']) - data__watch_item.keys()
                        if data__watch_item__missing_keys:
                            raise Invalid
                        data__watch_item_keys = set(data__watch_item.keys())
                        if "ignore" in data__watch_item_keys:
                            data__watch_item_keys.remove("ignore")
                            data__watch_item__ignore = data__watch_item["ignore"]
                            validate___definitions_string_or_list(data__watch_item__ignore)
                        if "include" in data__watch_item_keys:
                            data__watch_item_keys.remove("include")
                            data__watch_item__include = data__watch_item["include"]
                            validate___definitions_string_or_list(data__watch_item__include)
                        if "path" in data__watch_item_keys:
                            data__watch_item_keys.remove("path")
                            data__watch_item__path = data__watch_item["path"]
                            if not isinstance(data__watch_item__path, (str)):
                                raise Invalid
                        if "action" in data__watch_item_keys:
                            data__watch_item_keys.remove("action")
                            data__watch_item__action = data__watch_item["action"]
                            if not isinstance(data__watch_item__action, (str)):
                                raise Invalid
                            if not (isinstance(data__watch_item__action, str) and data__watch_item__action == 'rebuild' or isinstance(data__watch_item__action, str) and data__watch_item__action == 'sync' or isinstance(data__watch_item__action, str) and data__watch_item__action == 'restart' or isinstance(data__watch_item__action, str) and data__watch_item__action == 'sync+restart' or isinstance(data__watch_item__action, str) and data__watch_item__action == 'sync+exec'):
                                raise Invalid
                        if "target" in data__watch_item_keys:
                            data__watch_item_keys.remove("target")
                            data__watch_item__target = data__watch_item["target"]
                            if not isinstance(data__watch_item__target, (str)):
                                raise Invalid
                        if "exec" in data__watch_item_keys:
                            data__watch_item_keys.remove("exec")
                            data__watch_item__exec = data__watch_item["exec"]
                            validate___definitions_service_hook(data__watch_item__exec)
                        if "initial_sync" in data__watch_item_keys:
                            data__watch_item_keys.remove("initial_sync")
                            data__watch_item__initialsync = data__watch_item["initial_sync"]
                            if not isinstance(data__watch_item__initialsync, (bool)):
                                raise Invalid
                        for data__watch_item_key, data__watch_item_val in data__watch_item.items():
                            if REGEX_PATTERNS['^x-'].search(data__watch_item_key):
                                if data__watch_item_key in data__watch_item_keys:
                                    data__watch_item_keys.remove(data__watch_item_key)
                        if data__watch_item_keys:
                            raise Invalid
        for data_key, data_val in data.items():
            if REGEX_PATTERNS['^x-'].search(data_key):
                if data_key in data_keys:
                    data_keys.remove(data_key)
        if data_keys:
            raise Invalid
    return data

def validate___definitions_include(data):
    data_one_of_count28 = 0
    if data_one_of_count28 < 2:
        try:
            if not isinstance(data, (str)):
                raise Invalid
            data_one_of_count28 += 1
        except Invalid: pass
    if data_one_of_count28 < 2:
        try:
            if not isinstance(data, (dict)):
                raise Invalid
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data_keys = set(data.keys())
                if "path" in data_keys:
                    data_keys.remove("path")
                    data__path = data["path"]
                    validate___definitions_string_or_list(data__path)
                if "env_file" in data_keys:
                    data_keys.remove("env_file")
                    data__envfile = data["env_file"]
                    validate___definitions_string_or_list(data__envfile)
                if "project_directory" in data_keys:
                    data_keys.remove("project_directory")
                    data__projectdirectory = data["project_directory"]
                    if not isinstance(data__projectdirectory, (str)):
                        raise Invalid
                if data_keys:
                    raise Invalid
            data_one_of_count28 += 1
        except Invalid: pass
    if data_one_of_count28 != 1:
        raise Invalid
    return data

export { Secret } from '@dunlin/base';
